"""Alerts that are not told yet, and what recipients were told last: what lets an alert grow, wait, and go once.

An alert waits as a row of `alert` without `told_at`, with its time in `waiting`. It goes into the outbox (`let_go`) or with
others into one letter (`write_letter`), in one transaction with the ledger's lines. Called by `monitor.follow`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from monitor.model import Alert, Decision, Digest, How, Reason, Severity, Timing
from monitor.store import growth, ledger, posting, revisits, rows
from monitor.store.articles import by_key
from monitor.store.engine import Database
from monitor.store.sql import insert_new, upsert
from monitor.store.tables import alert, article, empty_digest, letter, waiting
from monitor.store.tables import ledger as ledger_table

IN_LETTERS = (How.DIGEST.value, How.HELD.value)


@dataclass(frozen=True, slots=True)
class Held:
    """An alert that waits. `story` is where its articles are now."""

    id: int
    story: int
    alert: Alert
    timing: Timing


@dataclass(frozen=True, slots=True)
class Edition:
    """What a recipient was told, and when it went to the outbox or into a letter."""

    id: int
    told_at: datetime
    alert: Alert


@dataclass(frozen=True, slots=True)
class Last:
    """What a recipient was told of a story, the newest edition first."""

    editions: tuple[Edition, ...]

    @property
    def alert(self) -> Alert:
        return self.editions[0].alert

    @property
    def told_at(self) -> datetime:
        return self.editions[0].told_at

    @property
    def next_edition(self) -> int:
        return 1 + max(each.alert.edition for each in self.editions)


class Waiting:
    def __init__(self, database: Database, instance: uuid.UUID) -> None:
        self._database = database
        self._instance = instance

    # --- what waits ---

    def due(self, now: datetime, limit: int) -> list[Held]:
        """Alerts that go by themselves, the longest due first."""
        single = _held().where(waiting.c.due_at <= now, waiting.c.how.not_in(IN_LETTERS))
        with self._database.read() as connection:
            return _load(connection, single.order_by(waiting.c.due_at, alert.c.id).limit(limit))

    def due_letters(self, now: datetime) -> list[tuple[str, str]]:
        """(recipient, slot) of the digests and catch-ups whose time has come, the longest due first."""
        pair = (waiting.c.recipient, waiting.c.slot)
        come = select(*pair).where(waiting.c.due_at <= now, waiting.c.how.in_(IN_LETTERS)).group_by(*pair)
        with self._database.read() as connection:
            found = connection.execute(come.order_by(func.min(waiting.c.due_at), *pair)).all()
            return [(row.recipient, row.slot) for row in found]

    def in_slot(self, recipient: str, slot: str) -> list[Held]:
        mine = (waiting.c.recipient == recipient) & (waiting.c.slot == slot) & waiting.c.how.in_(IN_LETTERS)
        with self._database.read() as connection:
            return _load(connection, _held().where(mine).order_by(alert.c.id))

    def of_story(self, story_id: int) -> list[Held]:
        with self._database.read() as connection:
            mine = _held().where(alert.c.story_id.in_(growth.ever(story_id)))
            return _load(connection, mine.order_by(alert.c.edition, alert.c.id))

    def last_told(self, story_id: int) -> dict[str, Last]:
        """By recipient what he was told of the story, also while it was two."""
        mine = (
            select(alert)
            .where(alert.c.story_id.in_(growth.ever(story_id)), alert.c.told_at.is_not(None))
            .order_by(alert.c.told_at.desc(), alert.c.edition.desc())
        )
        found: dict[str, list[Edition]] = {}
        with self._database.read() as connection:
            for row in connection.execute(mine):
                told = rows.alert(row.payload)
                if told is not None:
                    found.setdefault(row.recipient, []).append(Edition(row.id, row.told_at, told))
        return {recipient: Last(tuple(each)) for recipient, each in found.items()}

    # --- changes ---

    def add(
        self, story_id: int, told: Alert, timing: Timing, decisions: Sequence[Decision], now: datetime
    ) -> int:
        """A further edition: into the outbox, or held until its time. How many deliveries; 0 also where this edition is
        there already."""

        def work(connection: Connection) -> int:
            alert_id = posting.keep(connection, told, story_id, now)
            if alert_id is None:
                return 0
            _tell(connection, told, decisions, now)
            if timing.how is How.NOW:
                return posting.post(connection, alert_id, told, story_id, self._instance, now)
            posting.hold(connection, alert_id, told.recipient, timing)
            return 0

        return self._database.commit(work)

    def replan(self, held: Held, told: Alert, timing: Timing) -> None:
        """Another content, another time."""
        with self._database.write() as connection:
            connection.execute(update(alert).where(alert.c.id == held.id).values(posting.content(told)))
            mine = waiting.c.alert_id == held.id
            connection.execute(update(waiting).where(mine).values(posting.planned(timing)))

    def let_go(self, held: Held, told: Alert, decisions: Sequence[Decision], now: datetime) -> int:
        """Into the outbox, with this content. How many deliveries; 0 where it does not wait any more."""

        def work(connection: Connection) -> int:
            if not _end_wait(connection, [held.id]):
                return 0
            _settle(connection, held.id, told, decisions, now)
            return posting.post(connection, held.id, told, held.story, self._instance, now)

        return self._database.commit(work)

    def give_up(self, held: Held, decisions: Sequence[Decision], now: datetime) -> None:
        """Tell it to nobody, and say so of each article that counted as told by it. A first edition is forgotten, so that a
        later copy of the story is news to the recipient."""
        with self._database.write() as connection:
            if not _end_wait(connection, [held.id]):
                return
            shown = _tell(connection, held.alert, decisions, now)
            for id in () if held.alert.edition else _counted_as_told(connection, held):
                if id != shown:
                    ledger.write(connection, decisions, None, id, None, now)
            connection.execute(delete(alert).where(alert.c.id == held.id))

    # --- letters ---

    def written(self, recipient: str, slot: str) -> bool:
        mine = (letter.c.recipient == recipient) & (letter.c.slot == slot)
        with self._database.read() as connection:
            return connection.execute(select(letter.c.id).where(mine)).first() is not None

    def last_letter(self, recipient: str, before: datetime) -> datetime | None:
        """The slot of the last digest that the recipient was written before this time."""
        mine = (letter.c.recipient == recipient) & (letter.c.kind == "digest") & (letter.c.due_at < before)
        with self._database.read() as connection:
            found: datetime | None = connection.execute(
                select(func.max(letter.c.due_at)).where(mine)
            ).scalar()
        return found

    def write_letter(
        self,
        digest: Digest,
        due_at: datetime,
        channels: Collection[str],
        told: Mapping[int, Alert],
        decisions: Sequence[tuple[Alert, Decision]],
        now: datetime,
    ) -> int:
        """One letter with these waiting alerts (by id, as they are told now), once a slot; how many deliveries. 0 where the
        slot's letter was written before: then nothing is."""

        def work(connection: Connection) -> int:
            values = {
                "recipient": digest.recipient,
                "slot": digest.slot,
                "kind": digest.kind,
                "due_at": due_at,
                "written_at": now,
            }
            letter_id = insert_new(connection, letter, values)
            if letter_id is None:
                return 0
            for each, decision in decisions:
                _tell(connection, each, (decision,), now)
            _end_wait(connection, list(told))
            alert_id = _insert_letter(connection, digest, now)
            connection.execute(update(letter).where(letter.c.id == letter_id).values(alert_id=alert_id))
            for id, each in told.items():
                _settle(connection, id, each, (), now)
            posting.mark_told(connection, list(told), now, alert_id)
            parts = [("letter", digest.slot, digest.recipient, each) for each in dict.fromkeys(channels)]
            return posting.enqueue(connection, parts, alert_id, 0, self._instance, now)

        return self._database.commit(work)

    def empty_until(self, recipient: str, now: datetime) -> datetime:
        """Up to when the recipient's empty digests are accounted for; from now on, where nobody asked before."""
        mine = select(empty_digest.c.until).where(empty_digest.c.recipient == recipient)
        with self._database.read() as connection:
            found: datetime | None = connection.execute(mine).scalar_one_or_none()
        if found is None:
            self.account_empty(recipient, now)
        return found or now

    def account_empty(self, recipient: str, until: datetime) -> None:
        with self._database.write() as connection:
            upsert(connection, empty_digest, {"recipient": recipient, "until": until}, ("recipient",))


def _held() -> Select[Any]:
    return select(alert, waiting.c.how, waiting.c.slot, waiting.c.due_at).join(
        waiting, waiting.c.alert_id == alert.c.id
    )


def _load(connection: Connection, query: Select[Any]) -> list[Held]:
    """What this version cannot read is left where it is, for one that can."""
    found: list[Held] = []
    for row in connection.execute(query).all():
        told = rows.alert(row.payload)
        if told is not None:
            timing = Timing(How(row.how), row.due_at, row.slot)
            found.append(Held(row.id, growth.present(connection, row.story_id), told, timing))
    return found


def _end_wait(connection: Connection, ids: Sequence[int]) -> int:
    return connection.execute(delete(waiting).where(waiting.c.alert_id.in_(ids))).rowcount


def _settle(
    connection: Connection, alert_id: int, told: Alert, decisions: Sequence[Decision], now: datetime
) -> None:
    """The alert as it is told at last; its page will be looked at again, and whoever hears next is planned."""
    connection.execute(update(alert).where(alert.c.id == alert_id).values(posting.content(told)))
    known = _tell(connection, told, decisions, now)
    if known is not None and told.article.url and told.edition == 0:
        revisits.plan(connection, known, now)
    if told.severity is Severity.CRITICAL:
        story_id = connection.execute(select(alert.c.story_id).where(alert.c.id == alert_id)).scalar_one()
        growth.add(connection, story_id, (), now)


def _tell(connection: Connection, told: Alert, decisions: Sequence[Decision], now: datetime) -> int | None:
    """Note in the ledger of the alert's article; its id, where it is still stored."""
    known = by_key(connection, told.article.key)
    id = known.id if known else None
    ledger.write(connection, decisions, told.article.source_id, id, told.article.key, now)
    return id


def _counted_as_told(connection: Connection, held: Held) -> Sequence[int]:
    """Articles of which the ledger says that the recipient knew their story."""
    query = (
        select(ledger_table.c.article_id)
        .join(article, article.c.id == ledger_table.c.article_id)
        .where(article.c.story_id == held.story, ledger_table.c.subject == held.alert.recipient)
        .where(ledger_table.c.reason == Reason.ALREADY_ALERTED.value)
        .distinct()
    )
    return connection.execute(query).scalars().all()


def _insert_letter(connection: Connection, digest: Digest, now: datetime) -> int:
    severities = [each.severity for each in digest.alerts]
    values = {
        "story_id": None,
        "recipient": digest.recipient,
        "edition": 0,
        "severity": max(severities, key=lambda each: each.rank, default=Severity.LOW).value,
        "watchlists": list(digest.watchlists),
        "payload": rows.frozen(Digest, digest),
        "created_at": now,
        "told_at": now,
    }
    return int(connection.execute(insert(alert).values(values).returning(alert.c.id)).scalar_one())
