"""An analyst splits or merges stories: articles, copies and what was told of them move; later verdicts see it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.errors import StoreError
from monitor.model import DeliveryState, Story, Traits
from monitor.store import Recorded, Store
from tests.build import make_article
from tests.store.samples import make_verdict

MINUTE = timedelta(minutes=1)
NOBODY, DESK = frozenset[str](), frozenset({"desk"})
HOLDS = Traits(sketch=(1, 2), handles=(9,), profile=b"p")


def put(store: Store, now: datetime, n: int, *, alert: Any = False, **verdict: Any) -> Recorded:
    """The n-th article, n minutes after `now`."""
    at = now + n * MINUTE
    article = make_article(f"Report {n}", f"Body {n}", key=f"k/{n}", first_seen=at)
    return store.record(make_verdict(article, alert=alert, traits=HOLDS, **verdict), f"k/{n}", "h", at)


def one_story(store: Store, now: datetime) -> tuple[int, list[int]]:
    """A story of four: 1 (told to the desk), its copy 2, another report 3, and a copy of that, 4."""
    first = put(store, now, 1, alert={"channels": ("mail",)})
    copy = put(store, now, 2, duplicate_of=first.article_id)
    other = put(store, now, 3, story=first.story_id)
    last = put(store, now, 4, duplicate_of=other.article_id)
    return first.story_id, [each.article_id for each in (first, copy, other, last)]


def ids(store: Store, story_id: int) -> list[int]:
    told = store.stories.get(story_id)
    assert told is not None
    return [member.id for member in told.members]


def story(store: Store, story_id: int) -> Story:
    told = store.stories.get(story_id)
    assert told is not None
    return told.story


def test_a_split_takes_the_copies_along(store: Store, now: datetime) -> None:
    old, (one, two, three, four) = one_story(store, now)
    new = store.stories.split(old, [three], now, author="Amal")
    assert (ids(store, old), ids(store, new)) == ([one, two], [three, four])
    assert (story(store, old).articles, story(store, new).articles) == (2, 2)
    assert story(store, new).first_article == three
    assert story(store, old).apart == {new}
    assert story(store, new).apart == {old}
    assert store.check() == []
    (said,) = store.stories.corrections(new)
    assert (said.kind, said.story, said.other, said.articles, said.author) == (
        "split",
        old,
        new,
        (three, four),
        "Amal",
    )
    assert store.stories.placings([three])[three].reasons == (
        f"split from story {old} into story {new} by Amal",
    )


def test_a_copy_split_from_its_original_is_none_any_more(store: Store, now: datetime) -> None:
    old, (one, two, three, four) = one_story(store, now)
    new = store.stories.split(old, [two], now)
    known = store.articles.get(two)
    assert known is not None
    assert (known.story_id, known.duplicate_of) == (new, None)
    # it stands for its story now
    kin = {
        each.story.id: [m.id for m in each.members]
        for each in store.candidates(make_article(), now, HOLDS).kin
    }
    assert kin == {old: [one, three], new: [two]}
    assert ids(store, old) == [one, three, four]


def test_a_later_copy_follows_its_original_into_the_corrected_story(store: Store, now: datetime) -> None:
    old, (_, _, three, _) = one_story(store, now)
    new = store.stories.split(old, [three], now)
    # the verdict was reached before the split
    late = put(store, now, 5, duplicate_of=three, story=old)
    assert late.story_id == new
    assert store.check() == []


def test_who_was_told_of_what_moved_was_told_of_the_new_story_alone(store: Store, now: datetime) -> None:
    old, (one, _, three, _) = one_story(store, now)
    new = store.stories.split(old, [one], now)
    assert (story(store, old).alerted, story(store, new).alerted) == (NOBODY, DESK)
    again = put(store, now, 6, story=new, alert={"channels": ("mail",)})
    assert again.deliveries == 0
    # what is left is news to the desk, and its delivery another one than that which went
    news = put(store, now, 7, story=old, alert={"channels": ("mail",)})
    assert news.deliveries == 1
    assert len({each.id for each in store.outbox.list()}) == 2
    assert three in ids(store, old)


def test_who_was_told_of_what_stayed_hears_of_the_new_story_with_its_next_report(
    store: Store, now: datetime
) -> None:
    old, (_, _, three, _) = one_story(store, now)
    new = store.stories.split(old, [three], now)
    assert (story(store, old).alerted, story(store, new).alerted) == (DESK, NOBODY)


@pytest.mark.parametrize(
    ("articles", "words"),
    [
        # every article, by the copies that go along
        ([0, 2], "none would be left"),
        ([], "name the articles"),
        ([99], "not in story 1: 99"),
    ],
)
def test_a_split_that_cannot_be_meant_changes_nothing(
    store: Store, now: datetime, articles: list[int], words: str
) -> None:
    old, those = one_story(store, now)
    with pytest.raises(StoreError, match=words):
        store.stories.split(old, [those[each] if each < 9 else each for each in articles], now)
    assert ids(store, old) == those
    assert store.stories.corrections(old) == []


def test_a_merge_makes_one_story_of_two_and_nobody_is_told_again(store: Store, now: datetime) -> None:
    a = put(store, now, 1, alert={"recipient": "desk"})
    b = put(store, now, 2, alert={"recipient": "forum"})
    assert store.stories.merge(a.story_id, b.story_id, now) == a.story_id
    assert story(store, a.story_id).alerted == {"desk", "forum"}
    assert story(store, b.story_id) == story(store, a.story_id)  # the old id still leads there
    assert ids(store, a.story_id) == [a.article_id, b.article_id]
    (kin,) = store.candidates(make_article(), now, HOLDS).kin
    assert (kin.story.id, len(kin.members)) == (a.story_id, 2)
    # a verdict reached before the merge
    late = put(store, now, 3, story=b.story_id)
    assert (late.story_id, story(store, a.story_id).articles) == (a.story_id, 3)
    assert [each.story.id for each in store.stories.recent()] == [a.story_id]
    assert store.check() == []


def test_a_report_that_links_two_stories_merges_them_into_the_older_one(store: Store, now: datetime) -> None:
    a, b = put(store, now, 1), put(store, now, 2)
    linking = put(store, now, 3, story=b.story_id, merges=(a.story_id,))
    assert linking.story_id == a.story_id
    assert ids(store, a.story_id) == [a.article_id, b.article_id, linking.article_id]
    assert story(store, a.story_id).articles == 3
    assert store.stories.corrections(a.story_id) == []  # nobody corrected anything
    (kin,) = store.candidates(make_article(), now, HOLDS).kin
    assert (kin.story.id, len(kin.members)) == (a.story_id, 3)
    assert store.check() == []


def test_what_an_analyst_split_no_report_merges(store: Store, now: datetime) -> None:
    old, (_, _, three, _) = one_story(store, now)
    new = store.stories.split(old, [three], now)
    linking = put(store, now, 5, story=old, merges=(new,))
    assert linking.story_id == old
    assert three in ids(store, new)


def test_an_alert_that_waits_is_withdrawn_where_a_merge_would_have_it_told_twice(
    store: Store, now: datetime
) -> None:
    told = {"recipient": "desk", "channels": ("mail",)}
    a, b = put(store, now, 1, alert=told), put(store, now, 2, alert=told)
    linking = put(store, now, 3, story=a.story_id, merges=(b.story_id,))
    states = {delivery.story: delivery.state for delivery in store.outbox.list()}
    assert states == {a.story_id: DeliveryState.PENDING, b.story_id: DeliveryState.DROPPED}
    assert linking.withdrawn == 1


@pytest.mark.parametrize(
    "other",
    [
        # nobody else hears of it
        {"recipient": "forum", "channels": ("mail",)},
        # another way to him
        {"recipient": "desk", "channels": ("chat",)},
        # it says more
        {"recipient": "desk", "channels": ("mail",), "watchlists": ("another",)},
    ],
)
def test_an_alert_that_says_what_no_other_does_is_kept(
    store: Store, now: datetime, other: dict[str, Any]
) -> None:
    a = put(store, now, 1, alert={"recipient": "desk", "channels": ("mail",)})
    b = put(store, now, 2, alert=other)
    assert put(store, now, 3, story=a.story_id, merges=(b.story_id,)).withdrawn == 0
    assert {delivery.state for delivery in store.outbox.list()} == {DeliveryState.PENDING}


def test_a_merge_takes_back_that_the_two_were_apart_and_keeps_what_else_was(
    store: Store, now: datetime
) -> None:
    old, (_, _, three, four) = one_story(store, now)
    new = store.stories.split(old, [three], now)
    third = store.stories.split(new, [four], now)
    store.stories.merge(old, new, now)
    assert story(store, old).apart == {third}
    assert story(store, third).apart == {old}


def test_merges_in_a_row_end_at_the_last_story(store: Store, now: datetime) -> None:
    a, b, c = (put(store, now, n, alert={"recipient": f"r{n}"}) for n in range(3))
    store.stories.merge(b.story_id, a.story_id, now)
    store.stories.merge(c.story_id, a.story_id, now)  # by its old id
    assert story(store, a.story_id).id == c.story_id
    assert story(store, c.story_id).alerted == {"r0", "r1", "r2"}
    with pytest.raises(StoreError, match="one story already"):
        store.stories.merge(b.story_id, c.story_id, now)


def test_an_alert_from_before_a_merge_follows_its_article_out_again(store: Store, now: datetime) -> None:
    a, b = put(store, now, 1), put(store, now, 2, alert={"recipient": "desk"})
    store.stories.merge(a.story_id, b.story_id, now)
    new = store.stories.split(a.story_id, [b.article_id], now)
    assert (story(store, a.story_id).alerted, story(store, new).alerted) == (NOBODY, DESK)


def test_what_is_not_there_is_refused(store: Store, now: datetime) -> None:
    done = put(store, now, 1)
    with pytest.raises(StoreError, match="no story 77"):
        store.stories.merge(done.story_id, 77, now)
    with pytest.raises(StoreError, match="no story 77"):
        store.stories.split(77, [1], now)
    assert store.stories.get(77) is None


def test_corrections_may_be_made_beside_the_daemon(store: Store, database_url: str, now: datetime) -> None:
    old, (_, _, three, _) = one_story(store, now)
    with Store.open(database_url, now=now, writer=False) as beside:
        new = beside.stories.split(old, [three], now)
    assert story(store, new).first_article == three
