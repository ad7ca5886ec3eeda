"""One answer to "why did I (not) get this?", and which of them is the worst. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.judge import Explanation

# The worst first: what must be mended, then what somebody decided, then what is as it should be.
ORDER = (
    "source-failing",
    "extraction-failed",
    "dead",
    "breaker-open",
    "not-yet-polled",
    "never-seen",
    "no-source",
    "unsubscribed",
    "dropped",
    "silenced",
    "not-relevant",
    "nobody",
    "excluded",
    "where",
    "not-matched",
    "held",
    "in-digest",
    "pending",
    "backlog",
    "duplicate",
    "already-told",
    "seen-late",
    "matches-now",
    "escalated",
    "followed",
    "acknowledged",
    "sent",
    "alerted",
    "matched",
)
NOT_MATCHED = ("excluded", "where", "not-matched")


@dataclass(frozen=True, slots=True)
class Answer:
    """`answer` is one of ORDER, or a Reason of the ledger that this version has no sentence for. `facts` are its own
    data, such as a delivery's Message-ID."""

    answer: str
    text: str
    recipient: str = ""
    watchlist: str = ""
    at: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    explanation: Explanation | None = None

    def to_json(self) -> dict[str, object]:
        return {
            "answer": self.answer,
            "text": self.text,
            "recipient": self.recipient or None,
            "watchlist": self.watchlist or None,
            "at": self.at,
            "facts": dict(self.facts),
            "explanation": self.explanation.to_json() if self.explanation else None,
        }


def worst_first(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """A watchlist that does not match is no news to who was told for another one, and comes last for him."""
    found = list(answers)
    reached = {each.recipient for each in found if each.answer == "matched"}

    def place(each: Answer) -> tuple[int, int]:
        late = each.answer in NOT_MATCHED and each.recipient in reached
        return int(late), ORDER.index(each.answer) if each.answer in ORDER else len(ORDER)

    return tuple(sorted(found, key=place))


def minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
