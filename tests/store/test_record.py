"""One verdict, one transaction; the same again changes nothing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from monitor.model import Decision, Match, Reason, Severity, TextFrom
from monitor.store import Store
from tests.build import alert_of, make_article
from tests.store.samples import MATCH, make_alert, make_verdict, record

KEY = "gazette.example.org/1"


def test_all_of_a_verdict_comes_back(store: Store, now: datetime) -> None:
    article = make_article(
        "وزير يتحدث",
        "Paragraph one.\nParagraph two, l'été.",
        guid="tag:1",
        summary="Short.",
        language="ar",
        authors=("A. Writer", "B. Writer"),
        notes=("page: 403",),
        text_hash="t",
        text_from=TextFrom.PAGE,
        first_seen=now,
        backlog=True,
    )
    verdict = make_verdict(article)
    done = store.record(verdict, KEY, "h", now)
    known = store.articles.get(done.article_id)
    assert known is not None
    assert (known.article, known.story_id, known.duplicate_of) == (article, done.story_id, None)
    assert store.articles.matches(done.article_id) == verdict.matches
    assert [line.decision for line in store.ledger.of_article(done.article_id)] == list(verdict.decisions)
    delivered = store.outbox.list()
    assert done.deliveries == len(delivered) == 2
    assert {each.channel for each in delivered} == {"mail", "screen"}
    assert all(each.alert == verdict.alerts[0] and each.story == done.story_id for each in delivered)
    assert store.check() == []


def test_the_same_verdict_again_enqueues_nothing(store: Store, now: datetime) -> None:
    verdict = make_verdict()
    one = store.record(verdict, KEY, "h", now)
    two = store.record(verdict, KEY, "h", now)
    assert two == replace(one, deliveries=0)
    assert (store.articles.count(), len(store.outbox.list())) == (1, 2)
    assert store.articles.versions(one.article_id) == 0


def test_a_second_report_joins_the_story_and_a_new_recipient_alone_is_told(
    store: Store, now: datetime
) -> None:
    one = record(store, now, 1)
    reprint = make_article(key="herald.example.org/9", source_id="herald")
    told = (make_alert(reprint), make_alert(reprint, recipient="forum", channels=("mail",)))
    verdict = make_verdict(reprint, story=one.story_id, duplicate_of=one.article_id, alerts=told)
    two = store.record(verdict, reprint.key, "h", now + timedelta(minutes=5))
    assert (two.story_id, two.deliveries) == (one.story_id, 1)
    known = store.articles.get(two.article_id)
    assert known is not None
    assert known.duplicate_of == one.article_id
    (story,) = store.candidates(reprint, now).stories
    assert (story.articles, story.first_article, story.alerted) == (
        2,
        one.article_id,
        frozenset({"desk", "forum"}),
    )


def test_another_edition_is_another_delivery_with_another_id(store: Store, now: datetime) -> None:
    record(store, now, 1, alert={"channels": ("mail",)})
    record(store, now, 1, alert={"channels": ("mail",), "edition": 1})
    assert len({each.id for each in store.outbox.list()}) == 2


def test_an_edited_article_keeps_its_earlier_text_and_its_first_date(store: Store, now: datetime) -> None:
    old = make_article("Before", "Old body.", first_seen=now, backlog=True)
    one = store.record(make_verdict(old), KEY, "h", now)
    new = replace(old, title="After", body="New body.", first_seen=now + timedelta(hours=1), backlog=False)
    other = Match("other", MATCH.hits)
    store.record(make_verdict(new, same_as=one.article_id, matches=(other,)), KEY, "h2", now)
    known = store.articles.get(one.article_id)
    assert known is not None
    assert known.article == replace(new, first_seen=now, backlog=True)
    assert store.articles.versions(one.article_id) == 1
    assert store.articles.matches(one.article_id) == (other,)
    assert store.articles.count() == 1


def test_a_summary_never_overwrites_the_page_that_was_read(store: Store, now: datetime) -> None:
    page = make_article(body="The whole page.", text_from=TextFrom.PAGE)
    one = store.record(make_verdict(page), KEY, "h", now)
    poorer = replace(page, source_id="sitemap", body="", text_from=TextFrom.TITLE)
    other = Match("other", MATCH.hits)
    store.record(make_verdict(poorer, same_as=one.article_id, matches=(other,)), KEY, "h", now)
    known = store.articles.get(one.article_id)
    assert known is not None
    assert known.article == page
    assert {each.watchlist for each in store.articles.matches(one.article_id)} == {"w", "other"}


def test_an_outlet_that_edits_without_end_keeps_twenty_versions(store: Store, now: datetime) -> None:
    article = make_article()
    for n in range(30):
        done = store.record(make_verdict(replace(article, body=f"Edit {n}"), alert=False), KEY, f"h{n}", now)
    assert store.articles.versions(done.article_id) == 20


def test_what_the_verdict_refers_to_may_have_been_forgotten_meanwhile(store: Store, now: datetime) -> None:
    done = store.record(make_verdict(same_as=77, story=88, duplicate_of=99), KEY, "h", now)
    known = store.articles.get(done.article_id)
    assert known is not None
    assert (known.story_id, known.duplicate_of, done.deliveries) == (done.story_id, None, 2)
    assert store.check() == []


def test_ids_are_stable_within_an_installation_and_differ_between_two(
    store: Store, now: datetime, tmp_path_factory: pytest.TempPathFactory
) -> None:
    record(store, now)
    other_url = f"sqlite:///{tmp_path_factory.mktemp('other') / 'monitor.db'}"
    with Store.open(other_url, now=now) as other:
        record(other, now)
        assert {each.id for each in other.outbox.list()}.isdisjoint(each.id for each in store.outbox.list())


@pytest.mark.parametrize(
    "text", ["a\0b", "a\ud800b", "\U0001f4f0 \u202e", "ends in \\u0000", "{{7*7}} %s ${x}"]
)
def test_no_text_can_keep_an_article_from_being_stored(store: Store, now: datetime, text: str) -> None:
    article = make_article(
        text, text, key=text, guid=text, url=text, summary=text, authors=(text,), notes=(text,)
    )
    decision = Decision("judge", Reason.MATCHED, text, text)
    verdict = make_verdict(article, decisions=(decision,))
    done = store.record(verdict, text, "h", now)
    assert done.deliveries == 2
    assert store.articles.novelty("gazette", [(text, text, "h", False)])[0].value == "known"
    stored = alert_of(store.outbox.list()[0]).article.title
    assert stored == text.replace("\0", "").replace("\ud800", "?")
    assert json.dumps(stored)


def test_a_naive_now_is_refused_and_nothing_is_written(store: Store, now: datetime) -> None:
    with pytest.raises(ValueError, match="naive"):
        store.record(make_verdict(), KEY, "h", now.replace(tzinfo=None))
    assert store.articles.count() == 0


def test_two_recorders_of_one_article_make_one_article_and_one_alert(
    postgresql_url: str, now: datetime
) -> None:
    stores = [Store.open(postgresql_url, now=now) for _ in range(4)]
    start = Barrier(len(stores))

    def race(store: Store, n: int) -> list[int]:
        told = []
        for round_ in range(10):
            article = make_article(f"Round {round_}", key=f"k/{round_}", source_id=f"s{n}")
            start.wait(10)
            told.append(store.record(make_verdict(article), article.key, "h", now).deliveries)
        return told

    with ThreadPoolExecutor(len(stores)) as pool:
        told = [sum(each) for each in zip(*pool.map(race, stores, range(len(stores))), strict=True)]
    assert told == [2] * 10
    assert stores[0].articles.count() == 10
    assert stores[0].check() == []
    for each in stores:
        each.close()


def test_severity_and_watchlists_survive_freezing(store: Store, now: datetime) -> None:
    record(store, now, alert={"severity": Severity.CRITICAL, "watchlists": ("a", "b"), "titles": ("A", "B")})
    alert = alert_of(store.outbox.list()[0])
    assert (alert.severity, alert.watchlists, alert.titles) == (Severity.CRITICAL, ("a", "b"), ("A", "B"))
