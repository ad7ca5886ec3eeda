"""The tables.

Read by every module of the store and by alembic/env.py; never leaves the store. A change here needs a revision in
alembic/versions (a test compares the two).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from monitor.store.columns import Frozen, Key, Moment, RowId, Seconds, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# One row. The instance is the name space of delivery ids: two installations never send the same Message-ID.
meta = Table(
    "meta",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("instance", String(), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("swept_to", BigInteger),  # how far along `fingerprint` the last housekeeping came
    Column("link_key", String()),
)

source_state = Table(
    "source_state",
    metadata,
    Column("source_id", Key, primary_key=True),
    Column("next_check_at", Moment, nullable=False, index=True),
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_hash", String()),
    Column("checked_at", Moment),
    Column("succeeded_at", Moment),
    Column("health", String(), nullable=False),
    Column("since", Moment),
    Column("failures", Integer, nullable=False),
    Column("message", Words, nullable=False),
    Column("interval", Seconds),
    Column("moved_to", Words),
    Column("moved_seen", Integer, nullable=False),
    Column("items_seen", Integer, nullable=False),
    Column("read_from", Words),
    Column("rhythm", Text, nullable=False, server_default=""),
    Column("hints", Frozen(none_as_null=True)),
    Column("hurry", Seconds),
    Column("churn", Integer, nullable=False, server_default="0"),
)

# What operators are shown and told of a source; its rhythm is in `news`. Ids beginning with @ are of the machine itself.
source_condition = Table(
    "source_condition",
    metadata,
    Column("source_id", Key, primary_key=True),
    Column("state", String(), nullable=False, index=True),
    Column("since", Moment),
    Column("reason", Words, nullable=False),
    Column("cause", String(), nullable=False),
    Column("ill_since", Moment),
    Column("readings", Integer, nullable=False),
    Column("last_at", Moment),
    Column("news", String(), nullable=False),
    Column("news_until", Moment),
    Column("news_from", Moment),
    Column("told", String(), index=True),
    Column("told_at", Moment),
)

# `articles` counts those that ever joined. `first_article` is no foreign key: the story outlives its first article.
# A story that an analyst merged into another one stays as a row without articles, for the alerts that it sent.
story = Table(
    "story",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("first_article", RowId, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_article_at", Moment, nullable=False, index=True),
    Column("articles", Integer, nullable=False),
    Column("merged_into", RowId, index=True),
    sqlite_autoincrement=True,  # an id is never given twice: ledger and delivery ids are made of it
)

# story_id is null only inside the transaction that inserts the row.
article = Table(
    "article",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", Key, nullable=False, unique=True),
    Column("source_id", Key, nullable=False),
    Column("guid", Key),
    Column("url", Words),
    Column("title", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("summary", Words, nullable=False),
    Column("language", Words),
    Column("published", Moment),
    Column("first_seen", Moment, nullable=False, index=True),
    Column("authors", Frozen, nullable=False),
    Column("text_from", String(), nullable=False),
    Column("text_hash", Key, nullable=False, index=True),
    Column("notes", Frozen, nullable=False),
    Column("backlog", Boolean, nullable=False),
    Column("story_id", RowId, ForeignKey("story.id"), index=True),
    Column("duplicate_of", RowId, ForeignKey("article.id", ondelete="SET NULL"), index=True),
    Column("updated_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Column("agency", Words, nullable=False, server_default=""),
    Column("wire", String(), nullable=False, server_default=""),
    Column("likeness", Double),
    sqlite_autoincrement=True,
)

# When the page of an alerted article is looked at again; a row goes when that is done.
revisit = Table(
    "revisit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("article_id", RowId, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    UniqueConstraint("article_id", "round"),
)

# By what a live article is found: hashes of its text's sketch and of its rare features, some 100 rows an article.
# No foreign key: it would need an index by article, as large as the table. Rows are swept by article id.
fingerprint = Table(
    "fingerprint",
    metadata,
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("article_id", RowId, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# What a live article's story is recognised by, with what else a verdict looks at: the article's own row is long.
# `lead` articles stand for their story: those with content that are no duplicates.
profile = Table(
    "profile",
    metadata,
    Column("article_id", RowId, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("story_id", RowId, nullable=False),
    Column("lead", Boolean, nullable=False),
    Column("source_id", Key, nullable=False),
    Column("title", Words, nullable=False),
    Column("published", Moment, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index(None, "story_id", "lead", "article_id"),
)

# Two stories that an analyst split, `one` being the lower id: what the machine must not put together.
story_apart = Table(
    "story_apart",
    metadata,
    Column("one", RowId, ForeignKey("story.id", ondelete="CASCADE"), primary_key=True),
    Column("other", RowId, ForeignKey("story.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# An analyst's corrections, appended and never changed: kind is split or merge. No foreign keys, as in the ledger.
correction = Table(
    "correction",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("author", Words),
    Column("kind", String(), nullable=False),
    Column("story_id", RowId, nullable=False, index=True),
    Column("other_id", RowId, nullable=False, index=True),
    Column("articles", Frozen, nullable=False),
)

# What an article said before it was edited.
article_version = Table(
    "article_version",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("article_id", RowId, ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("replaced_at", Moment, nullable=False),
    Column("title", Words, nullable=False),
    Column("body", Words, nullable=False),
    Column("summary", Words, nullable=False),
    Column("text_from", String(), nullable=False),
    Column("text_hash", Key, nullable=False),
)

# Where an article was shown: one row a source and item. `readings` counts how often the item was recorded.
sighting = Table(
    "sighting",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source_id", Key, nullable=False),
    Column("item_key", Key, nullable=False, index=True),
    Column("guid", Key),
    Column("item_hash", Key, nullable=False),
    Column("article_id", RowId, ForeignKey("article.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("readings", Integer, nullable=False),
    UniqueConstraint("source_id", "item_key"),
    Index(None, "source_id", "guid"),
)

match = Table(
    "match",
    metadata,
    Column("article_id", RowId, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("watchlist", Key, primary_key=True),
    Column("hits", Frozen, nullable=False),
)

# What a recipient is told of a story, frozen as JSON and shared by the deliveries through his channels. Without a story
# it is a digest, or a notice to an operator. `told_at`: when it went to the outbox, or into the digest `letter_id` (an
# alert as well, but no foreign key: an alert outlives the letter); null while it is in `waiting`.
alert = Table(
    "alert",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("story_id", RowId, ForeignKey("story.id", ondelete="CASCADE")),
    Column("recipient", Key, nullable=False),
    Column("edition", Integer, nullable=False),
    Column("severity", String(), nullable=False),
    Column("watchlists", Frozen, nullable=False),
    Column("payload", Frozen, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("told_at", Moment),
    Column("letter_id", RowId, index=True),
    UniqueConstraint("story_id", "recipient", "edition"),
    sqlite_autoincrement=True,
)

# Alerts that are not told yet: when and how they will be. A row goes when its alert does.
waiting = Table(
    "waiting",
    metadata,
    Column("alert_id", RowId, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Column("recipient", Key, nullable=False),
    Column("how", String(), nullable=False),
    Column("slot", String(), nullable=False),
    Column("due_at", Moment, nullable=False, index=True),
)

# The digests and catch-ups that were written, also those that held nothing in the end: one a recipient and slot, for ever.
letter = Table(
    "letter",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("recipient", Key, nullable=False),
    Column("slot", String(), nullable=False),
    Column("kind", String(), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("written_at", Moment, nullable=False, index=True),
    Column("alert_id", RowId),
    UniqueConstraint("recipient", "slot"),
)

# Up to when a recipient's empty digests are accounted for; begins when his route first asks for them.
empty_digest = Table(
    "empty_digest",
    metadata,
    Column("recipient", Key, primary_key=True),
    Column("until", Moment, nullable=False),
)

# Stories to look at again, since an article joined one that somebody was told of, or says something else now. `payload`
# is what a recipient who knows the story would be told of the article. A queue: rows go when the story was looked at.
growth = Table(
    "growth",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("story_id", RowId, nullable=False, index=True),
    Column("payload", Frozen(none_as_null=True)),
    Column("at", Moment, nullable=False),
    sqlite_autoincrement=True,  # a row that comes while its story is looked at must not take the id of one that goes
)

# Who hears next of a critical alert that nobody acknowledges. `done_at`: told, or no longer needed.
escalation = Table(
    "escalation",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("alert_id", RowId, ForeignKey("alert.id", ondelete="CASCADE"), nullable=False),
    Column("recipient", Key, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("done_at", Moment),
    UniqueConstraint("alert_id", "recipient"),
    Index(None, "done_at", "due_at"),
)

# What nobody (or one recipient) is told of for a time; what is stated must all hold. No foreign key: it may outlive.
silence = Table(
    "silence",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("author", Words, nullable=False),
    Column("comment", Words, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False, index=True),
    Column("watchlist", Key),
    Column("story_id", RowId),
    Column("source", Key),
    Column("entity", Key),
    Column("recipient", Key),
    sqlite_autoincrement=True,  # the ledger names silences by their ids
)

# Of which surges of a watchlist the recipients were told.
spike = Table(
    "spike",
    metadata,
    Column("watchlist", Key, primary_key=True),
    Column("began", Moment, primary_key=True),
    Column("told_at", Moment, nullable=False),
)

# lease_owner is set from the claim until its settlement, also beyond the lease's end.
delivery = Table(
    "delivery",
    metadata,
    Column("id", String(), primary_key=True),
    Column("dedup_key", Key, nullable=False, unique=True),
    Column("recipient", Key, nullable=False),
    Column("channel_id", Key, nullable=False),
    Column("alert_id", RowId, ForeignKey("alert.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("edition", Integer, nullable=False),
    Column("state", String(), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("deaths", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("next_attempt_at", Moment, nullable=False),
    Column("lease_owner", Words),
    Column("lease_token", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("expires_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("provider_id", Words),
    Column("last_class", String(), nullable=False),
    Column("last_error", Words, nullable=False),
    Index("ix_delivery_by_channel", "state", "recipient", "channel_id", "alert_id", "next_attempt_at"),
)

# Channels that are not well, or were not lately: the breaker, and what operators were told. No row: all is well.
channel_state = Table(
    "channel_state",
    metadata,
    Column("recipient", Key, primary_key=True),
    Column("channel_id", Key, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("opened_at", Moment),
    Column("try_at", Moment),
    Column("last_class", String(), nullable=False),
    Column("last_error", Words, nullable=False),
    Column("dead_since", Moment),
    Column("told_open", Boolean, nullable=False),
    Column("told_at", Moment),
    Column("dead_told_at", Moment),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("delivery_id", String(), ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("token", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("outcome", String()),
    Column("http_status", Integer),
    Column("retry_after", Seconds),
    Column("error", Words),
    UniqueConstraint("delivery_id", "token"),
)

# What recipients answered by the links in their alerts. No foreign keys: an unsubscription outlives its story and its
# delivery. `undone_at` is set where it was taken back.
response = Table(
    "response",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("dedup_key", Key, nullable=False, unique=True),
    Column("kind", String(), nullable=False),
    Column("recipient", Key, nullable=False),
    Column("story_id", RowId, index=True),
    Column("watchlist", Key, nullable=False),
    Column("delivery_id", String(), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Words, nullable=False),
    Column("undone_at", Moment),
    sqlite_autoincrement=True,
)

# No foreign keys: a line about what was never stored, or is stored no more, stays true.
ledger = Table(
    "ledger",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Moment, nullable=False, index=True),
    Column("source_id", Key),
    Column("article_id", RowId, index=True),
    Column("item_key", Key, index=True),
    Column("stage", String(), nullable=False),
    Column("reason", String(), nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", Words, nullable=False),
    Index(None, "source_id", "id"),
)
