"""Stories: what articles are found and recognised by, provenance, and analysts' corrections.

Columns are added in place, for a rebuilt table could give ids of deleted stories and articles again.

Revision: 0004, follows 0003.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Frozen, Key, Moment, RowId, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("meta", sa.Column("swept_to", sa.BigInteger()))
    op.add_column("story", sa.Column("merged_into", RowId))
    op.create_index(op.f("ix_story_merged_into"), "story", ["merged_into"])
    op.add_column("article", sa.Column("agency", Words(), nullable=False, server_default=""))
    op.add_column("article", sa.Column("wire", sa.String(), nullable=False, server_default=""))
    op.add_column("article", sa.Column("likeness", sa.Double()))

    op.create_table(
        "fingerprint",
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("article_id", RowId, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("hash", "article_id", name=op.f("pk_fingerprint")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "profile",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("story_id", RowId, nullable=False),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("source_id", Key(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("published", Moment(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_profile_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", name=op.f("pk_profile")),
    )
    op.create_index(
        op.f("ix_profile_story_id_profile_lead_profile_article_id"),
        "profile",
        ["story_id", "lead", "article_id"],
    )
    op.create_table(
        "story_apart",
        sa.Column("one", RowId, nullable=False),
        sa.Column("other", RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["one"], ["story.id"], name=op.f("fk_story_apart_one_story"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other"], ["story.id"], name=op.f("fk_story_apart_other_story"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_story_apart")),
    )
    op.create_index(op.f("ix_story_apart_other"), "story_apart", ["other"])
    op.create_table(
        "correction",
        sa.Column("id", RowId, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("author", Words()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("story_id", RowId, nullable=False),
        sa.Column("other_id", RowId, nullable=False),
        sa.Column("articles", Frozen(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_other_id"), "correction", ["other_id"])
    op.create_index(op.f("ix_correction_story_id"), "correction", ["story_id"])


def downgrade() -> None:
    for name in ("correction", "story_apart", "profile", "fingerprint"):
        op.drop_table(name)
    for name in ("likeness", "wire", "agency"):
        op.drop_column("article", name)
    op.drop_index(op.f("ix_story_merged_into"), "story")
    op.drop_column("story", "merged_into")
    op.drop_column("meta", "swept_to")
