"""How channels fare (breaker, rest, dead letters, what operators know), and the outbox by channel in its index.

Revision: 0008, follows 0007. Going down forgets how channels fare: their next deliveries find out.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Key, Moment, Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BY_TIME = "ix_delivery_state_delivery_next_attempt_at"
BY_CHANNEL = "ix_delivery_by_channel"


def upgrade() -> None:
    op.create_table(
        "channel_state",
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("channel_id", Key(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Moment()),
        sa.Column("opened_at", Moment()),
        sa.Column("try_at", Moment()),
        sa.Column("last_class", sa.String(), nullable=False),
        sa.Column("last_error", Words(), nullable=False),
        sa.Column("dead_since", Moment()),
        sa.Column("told_open", sa.Boolean(), nullable=False),
        sa.Column("told_at", Moment()),
        sa.Column("dead_told_at", Moment()),
        sa.PrimaryKeyConstraint("recipient", "channel_id", name=op.f("pk_channel_state")),
    )
    op.create_index(
        op.f(BY_CHANNEL), "delivery", ["state", "recipient", "channel_id", "alert_id", "next_attempt_at"]
    )
    op.drop_index(op.f(BY_TIME), "delivery")


def downgrade() -> None:
    op.create_index(op.f(BY_TIME), "delivery", ["state", "next_attempt_at"])
    op.drop_index(op.f(BY_CHANNEL), "delivery")
    op.drop_table("channel_state")
