from __future__ import annotations

from datetime import datetime, timedelta

from monitor.model import Decision, Reason
from monitor.store import LedgerLine, Store

FETCHED = Decision("collect", Reason.FETCH_FAILED, "connect: refused")
MATCHED = Decision("judge", Reason.MATCHED, "دوحة in the title", "w")


def test_each_line_says_when_why_and_about_what(store: Store, now: datetime) -> None:
    store.ledger.add([MATCHED, FETCHED], source_id="gazette", article_id=7, item_key="k", now=now)
    lines = [LedgerLine(now, decision, "gazette", 7, "k") for decision in (MATCHED, FETCHED)]
    assert store.ledger.of_article(7) == store.ledger.of_article(item_key="k") == lines
    assert store.ledger.of_source("gazette") == store.ledger.recent() == lines


def test_the_latest_lines_are_kept_and_told_oldest_first(store: Store, now: datetime) -> None:
    for n in range(5):
        store.ledger.add([Decision("collect", Reason.FETCHED, str(n))], source_id="a", now=now + timedelta(n))
    store.ledger.add([], source_id="b", now=now)
    assert [line.decision.detail for line in store.ledger.of_source("a", limit=2)] == ["3", "4"]
    assert store.ledger.of_source("b") == []


def test_an_article_asked_for_by_nothing_has_no_lines(store: Store, now: datetime) -> None:
    store.ledger.add([FETCHED], source_id="a", now=now)  # a line about no article
    assert store.ledger.of_article() == []
