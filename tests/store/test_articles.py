"""What is new in a reading, and the neighbours of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.model import Article, Novelty, Reason, TextFrom
from monitor.store import Store
from tests.build import make_article
from tests.store.samples import make_verdict

KEY = "gazette.example.org/1"
NEW, CHANGED, KNOWN = Novelty


def stored(store: Store, now: datetime, text_from: TextFrom, readings: int = 1) -> None:
    article = make_article(guid="tag:1", text_from=text_from, first_seen=now)
    for _ in range(readings):
        store.record(make_verdict(article, alert=False), KEY, "hash", now)


@pytest.mark.parametrize(
    ("text_from", "readings", "source", "key", "guid", "item_hash", "full_text", "novelty"),
    [
        # never seen
        (TextFrom.PAGE, 1, "gazette", "gazette.example.org/2", "tag:2", "other", True, NEW),
        # shown again as it was
        (TextFrom.PAGE, 1, "gazette", KEY, "tag:1", "hash", True, KNOWN),
        (TextFrom.SUMMARY, 1, "gazette", KEY, "tag:1", "hash", False, KNOWN),
        # the outlet edited it
        (TextFrom.PAGE, 1, "gazette", KEY, "tag:1", "other", True, CHANGED),
        # its page could not be read: asked for again, but not for ever
        (TextFrom.SUMMARY, 1, "gazette", KEY, "tag:1", "hash", True, CHANGED),
        (TextFrom.SUMMARY, 2, "gazette", KEY, "tag:1", "hash", True, CHANGED),
        (TextFrom.SUMMARY, 3, "gazette", KEY, "tag:1", "hash", True, KNOWN),
        # the feed carries the text: the page adds nothing
        (TextFrom.CONTENT, 1, "gazette", KEY, "tag:1", "hash", True, KNOWN),
        # the address changes at each poll, the guid and the text stay
        (TextFrom.PAGE, 1, "gazette", KEY + "?t=2", "tag:1", "hash", True, KNOWN),
        # one id for different items
        (TextFrom.PAGE, 1, "gazette", "gazette.example.org/2", "tag:1", "other", True, NEW),
        # another source's guid means nothing
        (TextFrom.PAGE, 1, "herald", "herald.example.org/1", "tag:1", "hash", True, NEW),
        # the sitemap of the same outlet shows what its feed brought
        (TextFrom.PAGE, 1, "gazette-sitemap", KEY, None, "other", True, KNOWN),
        (TextFrom.CONTENT, 1, "gazette-sitemap", KEY, None, "other", False, KNOWN),
        # ... but may bring more text
        (TextFrom.TITLE, 1, "gazette-feed", KEY, None, "other", False, CHANGED),
        (TextFrom.SUMMARY, 1, "gazette-feed", KEY, None, "other", False, CHANGED),
        (TextFrom.CONTENT, 1, "gazette-feed", KEY, None, "other", True, CHANGED),
    ],
)
def test_novelty(
    store: Store,
    now: datetime,
    text_from: TextFrom,
    readings: int,
    source: str,
    key: str,
    guid: str | None,
    item_hash: str,
    full_text: bool,
    novelty: Novelty,
) -> None:
    stored(store, now, text_from, readings)
    assert store.articles.novelty(source, [(key, guid, item_hash, full_text)]) == [novelty]


def test_novelty_answers_in_the_order_of_a_long_reading(store: Store, now: datetime) -> None:
    stored(store, now, TextFrom.PAGE)
    items = [(f"gazette.example.org/{n}", f"tag:{n}", "hash", True) for n in range(1000)]
    answer = store.articles.novelty("gazette", items)
    assert answer == [NEW, KNOWN] + [NEW] * 998


def test_another_source_that_shows_a_known_item_is_noted(store: Store, now: datetime) -> None:
    stored(store, now, TextFrom.PAGE)
    store.articles.seen("sitemap", KEY, None, "its hash", now)
    assert store.articles.novelty("sitemap", [(KEY, None, "its hash", True)]) == [KNOWN]
    assert store.articles.novelty("sitemap", [(KEY, None, "another", True)]) == [CHANGED]


@pytest.mark.parametrize("length", [3_000, 12_000])
def test_an_absurdly_long_key_is_a_key_like_any_other(store: Store, now: datetime, length: int) -> None:
    keys = ["e" * length, "e" * length + "2", "م" * length]
    for key in keys:
        store.record(make_verdict(make_article(key=key, guid=key), alert=False), key, "h", now)
    assert store.articles.count() == 3
    assert store.articles.novelty("gazette", [(key, key, "h", False) for key in keys]) == [KNOWN] * 3
    assert store.candidates(make_article(key=keys[1]), now).same == store.articles.by_url_key(keys[1])


def first(store: Store, now: datetime, **fields: object) -> tuple[Article, int]:
    article = make_article("The wall reopens", "Workers opened the northern gate.", first_seen=now, **fields)
    return article, store.record(make_verdict(article, alert=False), article.key, "h", now).article_id


def test_the_same_key_is_the_same_article(store: Store, now: datetime) -> None:
    article, article_id = first(store, now)
    found = store.candidates(replace(article, source_id="herald", title="Quite another"), now)
    assert found.same is not None
    assert (found.same.id, found.same.article, found.same_reason) == (article_id, article, Reason.SAME_URL)
    assert [story.first_article for story in found.stories] == [article_id]


@pytest.mark.parametrize(
    ("source", "guid", "title", "body", "same"),
    [
        ("gazette", "tag:1", "The wall reopens", "All new.", True),  # the title stays
        (
            "gazette",
            "tag:1",
            "Gate of the wall open",
            "Workers opened the northern gate again.",
            True,
        ),  # edited
        (
            "gazette",
            "tag:1",
            "A harvest",
            "Farmers expect plenty of barley this summer.",
            False,
        ),  # one id for all
        ("herald", "tag:1", "The wall reopens", "Workers opened the northern gate.", False),  # its own guids
        ("gazette", None, "The wall reopens", "Workers opened the northern gate.", False),
    ],
)
def test_a_guid_is_the_same_article_only_where_the_text_agrees(
    store: Store, now: datetime, source: str, guid: str | None, title: str, body: str, same: bool
) -> None:
    _, article_id = first(store, now, guid="tag:1")
    moved = make_article(title, body, source_id=source, guid=guid, key="gazette.example.org/moved")
    found = store.candidates(moved, now)
    assert (found.same is not None) is same
    if found.same is not None:
        assert (found.same.id, found.same_reason) == (article_id, Reason.SAME_GUID)


def test_a_guid_that_several_articles_carry_identifies_none(store: Store, now: datetime) -> None:
    for n in (1, 2):
        article = make_article("Live", "The news of this hour.", guid="live", key=f"k/{n}")
        store.record(make_verdict(article, alert=False), article.key, "h", now)
    assert store.candidates(make_article("Live", "More.", guid="live", key="k/3"), now).same is None


def test_the_same_text_elsewhere_is_a_neighbour_within_the_live_window(store: Store, now: datetime) -> None:
    _, article_id = first(store, now, text_hash="t")
    second = make_article(key="herald.example.org/9", source_id="herald", text_hash="t", first_seen=now)
    store.record(make_verdict(second, alert=False), second.key, "h", now + timedelta(hours=1))
    third = replace(second, key="times.example.org/7", source_id="times")
    found = store.candidates(third, now + timedelta(hours=71)).same_text
    assert found is not None
    assert found.id == article_id  # the earliest
    assert store.candidates(third, now + timedelta(hours=73)).same_text is None
    assert store.candidates(replace(third, text_hash=""), now).same_text is None


def test_an_article_is_no_neighbour_of_itself(store: Store, now: datetime) -> None:
    article, _ = first(store, now, text_hash="t")
    assert store.candidates(article, now).same_text is None


def test_a_story_says_who_was_told(store: Store, now: datetime) -> None:
    article = make_article(text_hash="t")
    store.record(make_verdict(article), article.key, "h", now)
    (story,) = store.candidates(replace(article, key="herald.example.org/9"), now).stories
    assert (story.alerted, story.articles) == (frozenset({"desk"}), 1)


def archived(store: Store, now: datetime, *bodies: str) -> None:
    for n, body in enumerate(bodies):
        article = make_article(f"Report {n}", body, key=f"gazette.example.org/{n}", first_seen=now)
        store.record(make_verdict(article, alert=False), article.key, "h", now)


def test_the_latest_articles_come_first(store: Store, now: datetime) -> None:
    archived(store, now, "one", "two", "three")
    assert [article.body for article in store.articles.recent(2)] == ["three", "two"]


@pytest.mark.parametrize(
    ("words", "bodies"),
    [
        (["hammouchi"], ["M. HAMMOUCHI parle", "Hammoûchi"]),
        (["hammouchi", "doha"], ["À Doha", "M. HAMMOUCHI parle", "Hammoûchi"]),
        (["الامن"], ["للأمن الوطني والأمن"]),  # ل and ا are two shapes: the sieve takes what follows
        (["100%"], []),  # LIKE's own signs are none here
        ([], []),
    ],
)
def test_articles_that_may_hold_a_word_pass_the_sieve(
    store: Store, now: datetime, words: list[str], bodies: list[str]
) -> None:
    archived(store, now, "Hammoûchi", "M. HAMMOUCHI parle", "À Doha", "للأمن الوطني والأمن")
    assert [article.body for article in store.articles.mentioning(words, 10)] == bodies
    assert store.articles.mentioning(words, 1) == store.articles.mentioning(words, 10)[:1]
