"""Any sequence of claims, settlements, crashes and operators' commands keeps the outbox's promises."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Delivery, DeliveryState
from monitor.store import Store
from tests.build import NOON
from tests.store.samples import waiting

PENDING, LEASED, SENT, DEAD, DROPPED = DeliveryState
LEASE = timedelta(minutes=2)
DELIVERIES = 2

ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("claim"), st.integers(1, DELIVERIES)),
        st.tuples(st.just("wait"), st.sampled_from([1, 60, 120])),
        st.tuples(st.sampled_from(["sent", "failed", "release"]), st.integers(0, 4)),
        st.tuples(st.sampled_from(["retry", "drop"]), st.integers(0, DELIVERIES - 1)),
    ),
    min_size=8,
    max_size=30,
)


@dataclass
class Sequel:
    """Carries out actions; beside the store it remembers who may still settle what."""

    store: Store
    ids: list[str]
    now: datetime = NOON
    claims: list[Delivery] = field(default_factory=list)
    mine: dict[str, Delivery] = field(default_factory=dict)  # by delivery, the claim that may be settled
    until: dict[str, datetime] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)

    def claim(self, limit: int) -> None:
        for one in self.store.outbox.claim(self.now, LEASE, "w", limit=limit):
            assert one.id not in self.sent
            assert one.id not in self.mine or self.until[one.id] <= self.now, "leased to two"
            self.claims.append(one)
            self.mine[one.id], self.until[one.id] = one, self.now + LEASE

    def end(self, which: int, kind: str) -> None:
        """Settle or release one of the claims ever made, the newest first."""
        if which >= len(self.claims):
            return
        one = self.claims[-1 - which]
        allowed = self.mine.get(one.id) is one
        assert self._end(one, kind) is allowed
        if allowed:
            del self.mine[one.id]
            self.sent |= {one.id} if kind == "sent" else set()

    def _end(self, one: Delivery, kind: str) -> bool:
        outbox = self.store.outbox
        if kind == "release":
            return outbox.release(one, self.now)
        if kind == "sent":
            return outbox.settle(one, state=SENT, now=self.now, outcome_class="sent")
        later = self.now + timedelta(seconds=30)
        return outbox.settle(one, state=PENDING, now=self.now, next_attempt_at=later, outcome_class="retry")

    def operate(self, which: int, kind: str) -> None:
        changed = (
            self.store.outbox.drop(self.ids[which])
            if kind == "drop"
            else bool(self.store.outbox.retry(self.ids[which], self.now))
        )
        if changed:
            assert self.ids[which] not in self.sent
            self.mine.pop(self.ids[which], None)

    def do(self, action: str, number: int) -> None:
        if action == "claim":
            self.claim(number)
        elif action == "wait":
            self.now += timedelta(seconds=number)
        elif action in ("retry", "drop"):
            self.operate(number, action)
        else:
            self.end(number, action)

    def check(self) -> None:
        stored = {each.id: each.state for each in self.store.outbox.list()}
        assert sorted(stored) == sorted(self.ids), "one was lost"
        assert {id_ for id_, state in stored.items() if state is SENT} == self.sent
        assert {id_ for id_, state in stored.items() if state is LEASED} <= set(self.mine)


@settings(max_examples=40, deadline=None, database=None)
@given(actions=ACTIONS)
def test_nothing_is_lost_and_nothing_is_settled_by_two(
    sqlite_template: Path, actions: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "monitor.db"
        shutil.copyfile(sqlite_template, path)
        with Store.open(f"sqlite:///{path}", now=NOON) as store:
            store._database.pragma("synchronous = OFF")
            play = Sequel(store, [each.id for each in waiting(store, NOON, DELIVERIES)])
            for action, number in actions:
                play.do(action, number)
                play.check()
            assert store.check() == []
