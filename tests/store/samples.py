"""Verdicts as the judge would give them, and deliveries that wait."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from monitor.model import Alert, Article, Decision, Delivery, Hit, Match, Reason, Severity, Verdict
from monitor.store import Recorded, Store
from tests.build import make_article

MATCH = Match("w", (Hit("minister", "minister", "title", 2, 10, "minister"),))
MATCHED = Decision("judge", Reason.MATCHED, "minister in the title", "w")


def make_alert(article: Article, **fields: Any) -> Alert:
    base = {
        "recipient": "desk",
        "severity": Severity.HIGH,
        "watchlists": ("w",),
        "titles": ("The watchlist",),
    }
    facts = {"source_name": "Gazette", "matches": (MATCH,), "channels": ("mail", "screen")}
    return Alert(**{**base, **facts, "article": article, **fields})


def make_verdict(
    article: Article | None = None, *, alert: bool | dict[str, Any] = True, **fields: Any
) -> Verdict:
    """One match, told to the desk by mail and screen; `alert` overwrites the alert's fields or leaves it out."""
    article = article or make_article("A minister speaks")
    told = (make_alert(article, **(alert if isinstance(alert, dict) else {})),) if alert else ()
    return Verdict(
        **{"article": article, "decisions": (MATCHED,), "matches": (MATCH,), "alerts": told, **fields}
    )


def record(store: Store, now: datetime, n: int = 1, item_hash: str = "h", **fields: Any) -> Recorded:
    """The n-th article with its alert, in a story of its own."""
    key = f"gazette.example.org/{n}"
    article = make_article(f"Report {n}", f"Body number {n}.", key=key, first_seen=now)
    return store.record(make_verdict(article, **fields), key, item_hash, now)


def waiting(
    store: Store, now: datetime, count: int = 1, channels: tuple[str, ...] = ("mail",)
) -> list[Delivery]:
    """Enqueue `count` alerts; all that wait now, oldest first."""
    for n in range(count):
        record(store, now, n, alert={"channels": channels})
    return store.outbox.list()[::-1]
