"""The rhythm of sources: what was learnt of each one's hours, and what its publisher asks for.

A source that was read before starts without a rhythm; its next readings bring one.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Frozen, Seconds, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS = ("read_from", "rhythm", "hints", "hurry", "churn")


def upgrade() -> None:
    with op.batch_alter_table("source_state") as table:
        table.add_column(sa.Column("read_from", Words()))
        table.add_column(sa.Column("rhythm", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("hints", Frozen()))
        table.add_column(sa.Column("hurry", Seconds()))
        table.add_column(sa.Column("churn", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("source_state") as table:
        for name in COLUMNS:
            table.drop_column(name)
