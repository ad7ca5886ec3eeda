"""The release pass: whatever is due of the alerts that wait goes into the outbox, once.

    store.growth        -> growth.look_again        stories that grew after somebody was told of them
    store.escalations   -> escalation.escalate      critical alerts that nobody acknowledged
    store.waiting       -> let_go, digests.write    gathered alerts, updates; digests and catch-ups
    the recipients' own clocks -> digests.write_empty

Called once a tick, and by `monitor once`. Each alert and letter is one call in the store's thread, written whole or not at
all: whatever dies in between is done by the next pass.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from monitor.follow.digests import let_go, with_empty, write, write_empty
from monitor.follow.escalation import escalate
from monitor.follow.growth import look_again
from monitor.parts import Parts
from monitor.store import Held, Step

T = TypeVar("T")
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Agenda:
    """What is to be done now."""

    grown: tuple[int, ...]
    steps: tuple[Step, ...]
    alerts: tuple[Held, ...]
    letters: tuple[tuple[str, str], ...]


async def release(parts: Parts) -> int:
    """Let go what is due; how many deliveries that made. Raises StoreError."""
    made = 0
    done: set[object] = set()  # what a fault leaves due is not tried again in the same pass
    while calls := _calls(parts, await parts.in_store(_agenda, parts), done):
        made += sum(await asyncio.gather(*(parts.in_store.together(call) for call in calls)))
    for recipient in with_empty(parts):
        made += await parts.in_store.together(write_empty, parts, recipient)
    return made


def _agenda(parts: Parts) -> Agenda:
    store, now = parts.store, parts.clock()
    return Agenda(
        tuple(store.growth.stories(AT_ONCE)),
        tuple(store.escalations.due(now, AT_ONCE)),
        tuple(store.waiting.due(now, AT_ONCE)),
        tuple(store.waiting.due_letters(now)),
    )


def _calls(parts: Parts, agenda: Agenda, done: set[object]) -> list[Callable[[], int]]:
    """Stories first: what is new of them may go with what is due, or sooner than it would have."""
    if stories := _fresh(agenda.grown, done, lambda story: story):
        return [partial(look_again, parts, story) for story in stories]
    return [
        *(
            partial(escalate, parts, each)
            for each in _fresh(agenda.steps, done, lambda one: ("step", one.id))
        ),
        *(
            partial(let_go, parts, each)
            for each in _fresh(agenda.alerts, done, lambda one: ("alert", one.id))
        ),
        *(partial(write, parts, *pair) for pair in _fresh(agenda.letters, done, lambda pair: pair)),
    ]


def _fresh(found: Iterable[T], done: set[object], name: Callable[[T], object]) -> list[T]:
    new = [each for each in found if name(each) not in done]
    done.update(map(name, new))
    return new
