"""Rows to nouns and back. The only place that knows both; called by the store's other modules.

What is frozen as JSON (alerts, hits) is read tolerantly: fields that a later version added take their defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Row

from monitor.model import (
    Alert,
    Article,
    Cause,
    Condition,
    Decision,
    Delivery,
    DeliveryState,
    Digest,
    EarlierText,
    Health,
    Hints,
    Hit,
    KnownArticle,
    Match,
    Notice,
    Reason,
    Reply,
    ReplyKind,
    Revisit,
    Severity,
    Silence,
    SourceState,
    SpikeAlert,
    TextFrom,
    Told,
)

AnyRow = Row[Any]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A decision, with when it was made and about what."""

    at: datetime
    decision: Decision
    source_id: str | None = None
    article_id: int | None = None
    item_key: str | None = None


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def frozen(kind: Any, value: Any) -> Any:
    """A noun as JSON's own types."""
    return _adapter(kind).dump_python(value, mode="json")


def thawed(kind: Any, value: Any) -> Any:
    """The noun again. Raises pydantic's ValidationError where the JSON is not one."""
    return _adapter(kind).validate_python(value)


def source_values(state: SourceState) -> Values:
    values = {each.name: getattr(state, each.name) for each in fields(state)}
    return {**values, "hints": frozen(Hints | None, state.hints)}


def source_state(row: AnyRow) -> SourceState:
    hints = thawed(Hints | None, row.hints)
    return SourceState(**{**row._mapping, "health": Health(row.health), "hints": hints})


def condition_values(condition: Condition) -> Values:
    told = condition.told.value if condition.told else None
    named = {"state": condition.state.value, "cause": condition.cause.value, "told": told}
    return {each.name: getattr(condition, each.name) for each in fields(condition)} | named


def condition(row: AnyRow) -> Condition:
    told = Health(row.told) if row.told else None
    return Condition(**{**row._mapping, "state": Health(row.state), "cause": Cause(row.cause), "told": told})


def revisit(row: AnyRow) -> Revisit:
    return Revisit(row.id, row.article_id, row.round, row.due_at, row.tries)


def earlier_text(row: AnyRow) -> EarlierText:
    return EarlierText(row.replaced_at, row.title, row.body, row.summary, TextFrom(row.text_from))


def article_values(article: Article) -> Values:
    return {
        **{each.name: getattr(article, each.name) for each in fields(article)},
        "text_from": article.text_from.value,
    }


_ARTICLE = tuple(each.name for each in fields(Article))
_TYPED = tuple(
    (_ARTICLE.index(name), made)
    for name, made in (("authors", tuple), ("notes", tuple), ("text_from", TextFrom))
)
_of_article = attrgetter(*_ARTICLE)


def article(row: AnyRow) -> Article:
    values = list(_of_article(row))
    for place, made in _TYPED:
        values[place] = made(values[place])
    return Article(*values)


def known_article(row: AnyRow) -> KnownArticle:
    return KnownArticle(row.id, article(row), row.story_id, row.duplicate_of, row.removed_at)


def hits_value(found: Match) -> Any:
    return frozen(tuple[Hit, ...], found.hits)


def match(row: AnyRow) -> Match:
    return Match(row.watchlist, thawed(tuple[Hit, ...], row.hits))


# stands for an alert that was frozen by another version in a form this one cannot read
UNREADABLE = Alert(
    recipient="",
    severity=Severity.NORMAL,
    watchlists=(),
    titles=(),
    article=Article(key="", source_id="", title="(unreadable)", body=""),
    source_name="",
    matches=(),
    channels=(),
)


# what an alert has not, and by which each of the others is known
_KINDS: dict[str, Any] = {"topic": Notice, "slot": Digest, "spike": SpikeAlert}


def _alert(payload: Any) -> Told:
    held = payload if isinstance(payload, dict) else {}
    kind = next((kind for key, kind in _KINDS.items() if key in held), Alert)
    try:
        read: Told = thawed(kind, payload)
    except ValidationError:
        return UNREADABLE
    return read


def alert(payload: Any) -> Alert | None:
    """What a recipient is told of a story; None where the row holds something else, or cannot be read."""
    read = _alert(payload)
    return read if isinstance(read, Alert) and read is not UNREADABLE else None


def delivery(row: AnyRow) -> Delivery:
    """Of a row of `delivery` joined with its alert's `payload` and `story_id`."""
    return Delivery(
        id=row.id,
        recipient=row.recipient,
        channel=row.channel_id,
        alert=_alert(row.payload),
        story=row.story_id,
        edition=row.edition,
        state=DeliveryState(row.state),
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        attempts=row.attempts,
        lease_token=row.lease_token,
        deaths=row.deaths,
        sent_at=row.sent_at,
        provider_id=row.provider_id,
        last_class=row.last_class,
        last_error=row.last_error,
    )


def reply(row: AnyRow) -> Reply:
    kind = ReplyKind(row.kind)
    return Reply(kind, row.recipient, row.at, row.story_id, row.watchlist, row.delivery_id, row.by, row.id)


def silence(row: AnyRow) -> Silence:
    return Silence(
        row.id,
        row.author,
        row.comment,
        row.starts_at,
        row.ends_at,
        row.watchlist,
        row.story_id,
        row.source,
        row.entity,
        row.recipient,
    )


def ledger_line(row: AnyRow) -> LedgerLine:
    decision = Decision(row.stage, Reason(row.reason), row.detail, row.subject)
    return LedgerLine(row.at, decision, row.source_id, row.article_id, row.item_key)
