"""Alerts that wait, digests, silences, how stories grow after an alert, escalations and spikes.

Revision: 0007, follows 0006. Going down tells nobody of what waits: those alerts are deleted, so that a later copy of the
story is told as new. Silences and the slots of written digests are forgotten.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Frozen, Key, Moment, RowId, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("told_at", Moment()))
    op.add_column("alert", sa.Column("letter_id", RowId))
    op.create_index(op.f("ix_alert_letter_id"), "alert", ["letter_id"])
    op.execute("UPDATE alert SET told_at = created_at")
    _waiting()
    _letters()
    _growth()
    _silences()


def downgrade() -> None:
    op.execute("DELETE FROM alert WHERE id IN (SELECT alert_id FROM waiting)")
    for table in ("spike", "silence", "escalation", "growth", "empty_digest", "letter", "waiting"):
        op.drop_table(table)
    op.drop_index(op.f("ix_alert_letter_id"), table_name="alert")
    op.drop_column("alert", "letter_id")
    op.drop_column("alert", "told_at")


def _waiting() -> None:
    op.create_table(
        "waiting",
        sa.Column("alert_id", RowId, nullable=False),
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_waiting_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_due_at"), "waiting", ["due_at"])


def _letters() -> None:
    op.create_table(
        "letter",
        sa.Column("id", RowId, nullable=False),
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("written_at", Moment(), nullable=False),
        sa.Column("alert_id", RowId),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("recipient", "slot", name=op.f("uq_letter_recipient_slot")),
    )
    op.create_index(op.f("ix_letter_written_at"), "letter", ["written_at"])
    op.create_table(
        "empty_digest",
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_empty_digest")),
    )


def _growth() -> None:
    op.create_table(
        "growth",
        sa.Column("id", RowId, nullable=False),
        sa.Column("story_id", RowId, nullable=False),
        sa.Column("payload", Frozen(none_as_null=True)),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_growth")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_growth_story_id"), "growth", ["story_id"])
    op.create_table(
        "escalation",
        sa.Column("id", RowId, nullable=False),
        sa.Column("alert_id", RowId, nullable=False),
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("done_at", Moment()),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_escalation_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("alert_id", "recipient", name=op.f("uq_escalation_alert_id_recipient")),
    )
    op.create_index(op.f("ix_escalation_done_at_escalation_due_at"), "escalation", ["done_at", "due_at"])


def _silences() -> None:
    op.create_table(
        "silence",
        sa.Column("id", RowId, nullable=False),
        sa.Column("author", Words(), nullable=False),
        sa.Column("comment", Words(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("watchlist", Key()),
        sa.Column("story_id", RowId),
        sa.Column("source", Key()),
        sa.Column("entity", Key()),
        sa.Column("recipient", Key()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_silence_ends_at"), "silence", ["ends_at"])
    op.create_table(
        "spike",
        sa.Column("watchlist", Key(), nullable=False),
        sa.Column("began", Moment(), nullable=False),
        sa.Column("told_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("watchlist", "began", name=op.f("pk_spike")),
    )
