"""What operators are shown and told of sources; notices without a story; pages of alerted articles looked at again.

Revision: 0003, after 0002. A notice is a row of `alert` without a story; going down deletes the notices, which nobody
needs for long.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Key, Moment, RowId, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "source_condition",
        sa.Column("source_id", Key(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", Moment()),
        sa.Column("reason", Words(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("ill_since", Moment()),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.Column("last_at", Moment()),
        sa.Column("news", sa.String(), nullable=False),
        sa.Column("news_until", Moment()),
        sa.Column("news_from", Moment()),
        sa.Column("told", sa.String()),
        sa.Column("told_at", Moment()),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_condition")),
    )
    op.create_index(op.f("ix_source_condition_state"), "source_condition", ["state"])
    op.create_index(op.f("ix_source_condition_told"), "source_condition", ["told"])
    op.create_table(
        "revisit",
        sa.Column("id", RowId, nullable=False),
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_revisit_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisit")),
        sa.UniqueConstraint("article_id", "round", name=op.f("uq_revisit_article_id_round")),
    )
    op.create_index(op.f("ix_revisit_due_at"), "revisit", ["due_at"])
    op.add_column("article", sa.Column("removed_at", Moment()))
    _story_of_alert(nullable=True)


def downgrade() -> None:
    notices = "SELECT id FROM alert WHERE story_id IS NULL"
    deliveries = f"SELECT id FROM delivery WHERE alert_id IN ({notices})"
    op.execute(f"DELETE FROM attempt WHERE delivery_id IN ({deliveries})")
    op.execute(f"DELETE FROM delivery WHERE alert_id IN ({notices})")
    op.execute("DELETE FROM alert WHERE story_id IS NULL")
    _story_of_alert(nullable=False)
    op.drop_column("article", "removed_at")
    op.drop_table("revisit")
    op.drop_table("source_condition")


def _story_of_alert(*, nullable: bool) -> None:
    # SQLite changes a column by building the table anew
    with op.batch_alter_table("alert", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.alter_column("story_id", existing_type=RowId, nullable=nullable)
