"""Named places where a proof lets this process die, fail or stall: before and after each commit and each send.

Below every room. Off unless the environment of the process says otherwise at its start; then one look at an empty
dictionary. Reached by the store's engine and the senders, armed by tests/prove alone; decides nothing.

    MONITOR_FAILPOINTS="outbox.claim.after=crash@3,send.email.before=raise,store.record.before=delay:0.5"
"""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass

VARIABLE = "MONITOR_FAILPOINTS"

# Each function of the store that asks for a writing transaction (tests/test_failpoints.py knows whether one is missing)
COMMITS = (
    "articles.seen_all channels.bury channels.forget channels.tell conditions.forget conditions.tell "
    "escalations.plan escalations.stop escalations.take fingerprints.sweep growth.done housekeeping.sweep ledger.add migrate.move "
    "outbox.claim outbox.drop outbox.drop_dead outbox.due outbox.end_claim outbox.give_back outbox.recover "
    "outbox.retry pgcopy.put_back responses.add "
    "responses.undo responses.undo_one revisits.done revisits.later silences.add silences.expire sources.forget "
    "sources.hasten sources.save store.instance store.link_key store.record stories.merge stories.split surges.end "
    "surges.tell traits.expire_profiles waiting.account_empty waiting.add waiting.give_up waiting.let_go waiting.replan "
    "waiting.write_letter"
).split()
SENDS = ("send.apprise", "send.console", "send.email", "send.file", "send.webhook")
POINTS = frozenset(f"{what}.{when}" for what in (*COMMITS, *SENDS) for when in ("before", "after"))


@dataclass(slots=True)
class Trap:
    """What happens at a point: `crash`, `raise` an OSError, or `delay` for so many seconds; at the hit `at`, or at
    every one (0)."""

    action: str
    at: int = 1
    seconds: float = 0.0
    hits: int = 0

    def hit(self, point: str) -> None:
        self.hits += 1
        if self.at not in (0, self.hits):
            return
        if self.action == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.action == "raise":
            raise OSError(f"failpoint {point}")
        time.sleep(self.seconds)


armed: dict[str, Trap] = {}


def arm(text: str) -> None:
    """Replace what is armed by `POINT=ACTION[:SECONDS][@HIT]`, separated by commas. Raises ValueError."""
    armed.clear()
    for each in filter(None, text.split(",")):
        point, _, rest = each.partition("=")
        what, _, at = rest.partition("@")
        action, _, seconds = what.partition(":")
        if point not in POINTS or action not in ("crash", "raise", "delay"):
            raise ValueError(f"{VARIABLE}: {each} names no failpoint, or nothing that one does")
        armed[point] = Trap(action, int(at or 1), float(seconds or 0))


def reached(what: str, when: str) -> None:
    """A commit or send (`what`) is about to be made (`when` is before) or was made (after)."""
    if armed and (trap := armed.get(f"{what}.{when}")):
        trap.hit(f"{what}.{when}")


def caller(inside: str) -> str:
    """The name of the commit that is being asked for: the function that called into the module `inside`."""
    frame = sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__") in (__name__, inside, "contextlib"):
        frame = frame.f_back
    room = str(frame.f_globals.get("__name__")).rpartition(".")[2]
    return f"{room}.{frame.f_code.co_name.lstrip('_')}"


arm(os.environ.get(VARIABLE, ""))
