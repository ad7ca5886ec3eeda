"""What recipients answered by the links in their alerts, and the key that signs those links.

Revision: 0006, follows 0004. Going down forgets the answers and the key: links sent before are refused after that.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Key, Moment, RowId, Words

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "response",
        sa.Column("id", RowId, nullable=False),
        sa.Column("dedup_key", Key(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("story_id", RowId),
        sa.Column("watchlist", Key(), nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", Words(), nullable=False),
        sa.Column("undone_at", Moment()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_response_dedup_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_response_story_id"), "response", ["story_id"])
    op.add_column("meta", sa.Column("link_key", sa.String()))


def downgrade() -> None:
    op.drop_column("meta", "link_key")
    op.drop_table("response")
