"""The first schema.

Revision: 0001, the root. The column types are imported: what one stores is part of this history and stays as it is.
"""

import sqlalchemy as sa

from alembic import op
from monitor.store.columns import Frozen, Key, Moment, RowId, Seconds, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", RowId, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("source_id", Key()),
        sa.Column("article_id", RowId),
        sa.Column("item_key", Key()),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("detail", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_article_id"), "ledger", ["article_id"])
    op.create_index(op.f("ix_ledger_at"), "ledger", ["at"])
    op.create_index(op.f("ix_ledger_item_key"), "ledger", ["item_key"])
    op.create_index(op.f("ix_ledger_source_id_ledger_id"), "ledger", ["source_id", "id"])

    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta")),
    )
    op.create_table(
        "source_state",
        sa.Column("source_id", Key(), nullable=False),
        sa.Column("next_check_at", Moment(), nullable=False),
        sa.Column("etag", Words()),
        sa.Column("last_modified", Words()),
        sa.Column("body_hash", sa.String()),
        sa.Column("checked_at", Moment()),
        sa.Column("succeeded_at", Moment()),
        sa.Column("health", sa.String(), nullable=False),
        sa.Column("since", Moment()),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("message", Words(), nullable=False),
        sa.Column("interval", Seconds()),
        sa.Column("moved_to", Words()),
        sa.Column("moved_seen", sa.Integer(), nullable=False),
        sa.Column("items_seen", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_state")),
    )
    op.create_index(op.f("ix_source_state_next_check_at"), "source_state", ["next_check_at"])

    op.create_table(
        "story",
        sa.Column("id", RowId, nullable=False),
        sa.Column("first_article", RowId, nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("last_article_at", Moment(), nullable=False),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_story_last_article_at"), "story", ["last_article_at"])

    op.create_table(
        "alert",
        sa.Column("id", RowId, nullable=False),
        sa.Column("story_id", RowId, nullable=False),
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("watchlists", Frozen(), nullable=False),
        sa.Column("payload", Frozen(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_alert_story_id_story"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "story_id", "recipient", "edition", name=op.f("uq_alert_story_id_recipient_edition")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "article",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", Key(), nullable=False),
        sa.Column("source_id", Key(), nullable=False),
        sa.Column("guid", Key()),
        sa.Column("url", Words()),
        sa.Column("title", Words(), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("summary", Words(), nullable=False),
        sa.Column("language", Words()),
        sa.Column("published", Moment()),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.Column("authors", Frozen(), nullable=False),
        sa.Column("text_from", sa.String(), nullable=False),
        sa.Column("text_hash", Key(), nullable=False),
        sa.Column("notes", Frozen(), nullable=False),
        sa.Column("backlog", sa.Boolean(), nullable=False),
        sa.Column("story_id", RowId),
        sa.Column("duplicate_of", RowId),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["duplicate_of"],
            ["article.id"],
            name=op.f("fk_article_duplicate_of_article"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("fk_article_story_id_story")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("key", name=op.f("uq_article_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_article_duplicate_of"), "article", ["duplicate_of"])
    op.create_index(op.f("ix_article_first_seen"), "article", ["first_seen"])
    op.create_index(op.f("ix_article_story_id"), "article", ["story_id"])
    op.create_index(op.f("ix_article_text_hash"), "article", ["text_hash"])

    op.create_table(
        "article_version",
        sa.Column("id", RowId, nullable=False),
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("replaced_at", Moment(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("body", Words(), nullable=False),
        sa.Column("summary", Words(), nullable=False),
        sa.Column("text_from", sa.String(), nullable=False),
        sa.Column("text_hash", Key(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["article.id"],
            name=op.f("fk_article_version_article_id_article"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_version")),
    )
    op.create_index(op.f("ix_article_version_article_id"), "article_version", ["article_id"])

    op.create_table(
        "delivery",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("dedup_key", Key(), nullable=False),
        sa.Column("recipient", Key(), nullable=False),
        sa.Column("channel_id", Key(), nullable=False),
        sa.Column("alert_id", RowId, nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("deaths", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("next_attempt_at", Moment(), nullable=False),
        sa.Column("lease_owner", Words()),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment()),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("sent_at", Moment()),
        sa.Column("provider_id", Words()),
        sa.Column("last_class", sa.String(), nullable=False),
        sa.Column("last_error", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_delivery_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_delivery_dedup_key")),
    )
    op.create_index(op.f("ix_delivery_alert_id"), "delivery", ["alert_id"])
    op.create_index(
        op.f("ix_delivery_state_delivery_next_attempt_at"), "delivery", ["state", "next_attempt_at"]
    )

    op.create_table(
        "match",
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("watchlist", Key(), nullable=False),
        sa.Column("hits", Frozen(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_match_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article_id", "watchlist", name=op.f("pk_match")),
    )
    op.create_table(
        "sighting",
        sa.Column("id", RowId, nullable=False),
        sa.Column("source_id", Key(), nullable=False),
        sa.Column("item_key", Key(), nullable=False),
        sa.Column("guid", Key()),
        sa.Column("item_hash", Key(), nullable=False),
        sa.Column("article_id", RowId, nullable=False),
        sa.Column("first_seen_at", Moment(), nullable=False),
        sa.Column("last_seen_at", Moment(), nullable=False),
        sa.Column("readings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_sighting_article_id_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("source_id", "item_key", name=op.f("uq_sighting_source_id_item_key")),
    )
    op.create_index(op.f("ix_sighting_article_id"), "sighting", ["article_id"])
    op.create_index(op.f("ix_sighting_item_key"), "sighting", ["item_key"])
    op.create_index(op.f("ix_sighting_source_id_sighting_guid"), "sighting", ["source_id", "guid"])

    op.create_table(
        "attempt",
        sa.Column("id", RowId, nullable=False),
        sa.Column("delivery_id", sa.String(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("finished_at", Moment()),
        sa.Column("outcome", sa.String()),
        sa.Column("http_status", sa.Integer()),
        sa.Column("retry_after", Seconds()),
        sa.Column("error", Words()),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_attempt_delivery_id_delivery"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("delivery_id", "token", name=op.f("uq_attempt_delivery_id_token")),
    )


def downgrade() -> None:
    for name in (
        "attempt",
        "sighting",
        "match",
        "delivery",
        "article_version",
        "article",
        "alert",
        "story",
        "source_state",
        "meta",
        "ledger",
    ):
        op.drop_table(name)
