"""What is done on the disk that fails, as acts of the stagehand: record, claim and settle, and say what was acknowledged.

As the daemon does: after a failed fsync or a damaged page the process ends; after any other error it goes on.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from sqlalchemy.engine import make_url

from monitor.errors import StoreCorrupt, StoreError, StoreFull, StoreUnsure
from monitor.model import DeliveryState
from monitor.store import Store
from tests.build import NOON
from tests.prove.disk import leave_room
from tests.prove.stagehand import Say
from tests.store.samples import record

ROUNDS = 24
CHECKPOINT_EVERY = 6
MANY = 2_000  # articles: more than any of the disks takes
LEASE = timedelta(minutes=1)


def work(say: Say, url: str, rounds: int = ROUNDS, diary: bool = False, synchronous: str = "FULL") -> None:
    """`diary`: what is acknowledged is written into a file beside the database as well, among its own writes."""
    path = Path(make_url(url).database or "")
    pages = os.open(path.with_name(path.name + ".acks"), os.O_WRONLY | os.O_CREAT) if diary else None

    def acknowledged(what: str) -> None:
        say({"ack": what})
        if pages is not None:
            os.write(pages, f"{what}\n".encode())

    try:
        with Store.open(url, now=NOON, upgrade=False) as store:
            store._database.pragma(f"synchronous = {synchronous}")
            store.recover(NOON)
            for number in range(rounds):
                try:
                    _round(store, number, acknowledged)
                except (StoreUnsure, StoreCorrupt):
                    raise
                except StoreError as error:
                    say({"told": str(error)})
    except StoreError as error:  # could not open it, or may not go on
        say({"ended": type(error).__name__, "because": str(error)})
        os._exit(0)  # nothing is finished on such a disk


def _round(store: Store, number: int, acknowledged: Say) -> None:
    now = NOON + timedelta(minutes=number)
    if number % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1:
        store._database.checkpoint()
    record(store, now, number)
    acknowledged(f"article {number}")
    for claimed in store.outbox.claim(now, LEASE, "w", per_channel=1):
        if store.outbox.settle(claimed, state=DeliveryState.SENT, now=now, outcome_class="sent"):
            acknowledged(f"sent {claimed.id}")


def found(say: Say, url: str) -> None:
    """What the database holds when it is started again."""
    with Store.open(url, now=NOON, upgrade=False) as store:
        sent = [
            f"sent {each.id}" for each in store.outbox.list(limit=10_000) if each.state is DeliveryState.SENT
        ]
        kept = [f"article {hit.title.split()[1]}" for hit in store.articles.recent(10_000)]
        say({"problems": store.check(), "kept": kept + sent})


def fill(say: Say, url: str, control: str, room: int) -> None:
    """Record until the disk is full; then what a daemon still does; then, with space again, record the rest."""
    with (
        Store.open(url, now=NOON, upgrade=False) as store,
        Store.open(url, now=NOON, upgrade=False, writer=False) as reader,
    ):
        say({"ballast": store.room() and store._database.ballast.path.exists()})  # type: ignore[union-attr]
        leave_room(control, room)
        said = _until_full(store, say)
        before = reader.articles.count()
        sent = _send_all(store, say)
        left = sum(each.state is not DeliveryState.SENT for each in reader.outbox.list(limit=10_000))
        say({"full": said, "room": store.room(), "read": before, "sent": sent, "left": left})
        leave_room(control, -1)
        say({"room": store.room()})
        _record(store, MANY, say)


def _record(store: Store, number: int, say: Say) -> None:
    record(store, NOON, number)
    say({"ack": f"article {number}"})


def _until_full(store: Store, say: Say) -> str:
    try:
        for number in range(MANY):
            _record(store, number, say)
    except StoreFull as error:
        return str(error)
    return ""


def _send_all(store: Store, say: Say) -> int:
    sent = 0
    while claimed := store.outbox.claim(NOON, LEASE, "w", per_channel=5):
        for each in claimed:
            store.outbox.settle(each, state=DeliveryState.SENT, now=NOON, outcome_class="sent")
            say({"ack": f"sent {each.id}"})
            sent += 1
    return sent
