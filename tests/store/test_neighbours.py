"""What the store brings of the past: copies by shared hashes, stories by shared handles, only of the last 72 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from monitor.model import Article, Candidates, Traits
from monitor.store import Recorded, Store
from monitor.text.nearness import COPIES, FIRST, LAST, POSTINGS
from tests.build import make_article
from tests.store.samples import make_verdict

HOUR = timedelta(hours=1)
HOLDS = Traits(sketch=(1, 2, 3), handles=(-5, 9), profile=b"p")


def text(n: int, **fields: Any) -> Article:
    return make_article(f"Report {n}", f"Body {n}", key=f"k/{n}", **fields)


def put(store: Store, now: datetime, n: int, traits: Traits, **verdict: Any) -> Recorded:
    """The n-th article, told to nobody, in a story of its own."""
    article = text(n, first_seen=now)
    return store.record(make_verdict(article, alert=False, traits=traits, **verdict), f"k/{n}", "h", now)


def ask(store: Store, now: datetime, traits: Traits, n: int = 999) -> Candidates:
    return store.candidates(text(n, first_seen=now), now, traits)


def near(found: Candidates) -> list[str]:
    return [each.article.key for each in found.near]


@pytest.mark.parametrize(
    ("sketch", "found"),
    [
        # two shared hashes are enough, one is not
        ((2, 3, 77), ["k/1"]),
        ((3, 77, 78), []),
        # the largest and the smallest number that a database holds
        ((2**63 - 1, -(2**63), 5), ["k/2"]),
        ((), []),
    ],
)
def test_copies_share_two_hashes(
    store: Store, now: datetime, sketch: tuple[int, ...], found: list[str]
) -> None:
    put(store, now, 1, Traits(sketch=(1, 2, 3)))
    put(store, now, 2, Traits(sketch=(2**63 - 1, -(2**63), 1)))
    assert near(ask(store, now, Traits(sketch=sketch))) == found


def test_the_twelve_that_share_most_are_looked_at_the_older_first(store: Store, now: datetime) -> None:
    for n in range(15):
        put(store, now, n, Traits(sketch=(1, 2, *((3,) if n % 2 else ()))))
    odd_then_even = [f"k/{n}" for n in (*range(1, 15, 2), *range(0, 15, 2))]
    assert near(ask(store, now, Traits(sketch=(1, 2, 3)))) == odd_then_even[:COPIES]


def test_a_hash_of_every_article_leads_to_its_newest_ones_only(store: Store, now: datetime) -> None:
    for n in range(POSTINGS + 2):
        put(store, now, n, Traits(sketch=(1, 2)))
    assert near(ask(store, now, Traits(sketch=(1, 2))))[0] == "k/2"


def test_an_article_is_no_neighbour_of_itself(store: Store, now: datetime) -> None:
    put(store, now, 1, HOLDS)
    found = ask(store, now, HOLDS, n=1)
    assert found.same is not None
    assert (found.near, found.kin) == ((), ())


@pytest.mark.parametrize(("hours", "found"), [(71, True), (73, False)])
def test_neighbours_are_sought_for_72_hours(store: Store, now: datetime, hours: int, found: bool) -> None:
    put(store, now, 1, HOLDS)
    put(store, now + 70 * HOUR, 2, Traits(sketch=(50,)))
    answer = ask(store, now + hours * HOUR, HOLDS)
    assert (bool(answer.near), bool(answer.kin)) == (found, found)


def test_an_original_comes_with_its_copy_however_old_it_is(store: Store, now: datetime) -> None:
    one = put(store, now, 1, Traits(sketch=(1, 2)))
    put(store, now + 60 * HOUR, 2, Traits(sketch=(1, 2)), duplicate_of=one.article_id)
    assert near(ask(store, now + 80 * HOUR, Traits(sketch=(1, 2)))) == ["k/2", "k/1"]


def test_stories_come_with_what_their_members_are_recognised_by(store: Store, now: datetime) -> None:
    one = put(store, now, 1, HOLDS)
    two = put(store, now + HOUR, 2, Traits(handles=(9,), profile=b"q"), story=one.story_id)
    put(store, now + HOUR, 3, Traits(handles=(9,), profile=b"r"), duplicate_of=two.article_id)
    (kin,) = ask(store, now + HOUR, Traits(handles=(9,))).kin
    assert [(m.id, m.title, m.source_id, m.profile) for m in kin.members] == [
        (one.article_id, "Report 1", "gazette", b"p"),
        (two.article_id, "Report 2", "gazette", b"q"),
    ]
    assert (kin.story.id, kin.story.articles, kin.last_article_at) == (one.story_id, 3, now + HOUR)


def test_a_rare_handle_says_more_than_a_common_one(store: Store, now: datetime) -> None:
    for n in range(5):
        put(store, now, n, Traits(handles=(1,), profile=b"p"))
    rare = put(store, now, 7, Traits(handles=(2,), profile=b"p"))
    found = ask(store, now, Traits(handles=(1, 2)))
    assert found.kin[0].story.id == rare.story_id
    assert len(found.kin) == 6
    assert {each.id for each in found.stories} == {each.story.id for each in found.kin}


def test_of_a_large_story_the_first_the_last_and_the_related_members_stand_for_it(
    store: Store, now: datetime
) -> None:
    one = put(store, now, 0, HOLDS)
    ids = [one.article_id]
    for n in range(1, 30):
        handles = (9, 77) if n == 15 else (100 + n,)
        done = put(store, now, n, Traits(handles=handles, profile=b"p"), story=one.story_id)
        ids.append(done.article_id)
    (kin,) = ask(store, now, Traits(handles=(77,))).kin
    assert [each.id for each in kin.members] == [*ids[:FIRST], ids[15], *ids[-LAST:]]


def test_a_story_of_which_only_copies_are_known_by_a_profile_is_left_out(store: Store, now: datetime) -> None:
    one = put(store, now, 1, Traits(sketch=(1, 2)))
    put(store, now, 2, HOLDS, duplicate_of=one.article_id)
    assert ask(store, now, HOLDS).kin == ()


def test_an_edited_article_is_found_by_its_new_text_and_known_by_its_new_profile(
    store: Store, now: datetime
) -> None:
    one = put(store, now, 1, HOLDS)
    edited = text(1, first_seen=now + HOUR)
    new = Traits(sketch=(100, 101), handles=(200,), profile=b"new", agency="MAP", wire="byline")
    store.record(
        make_verdict(edited, alert=False, traits=new, same_as=one.article_id), "k/1", "h2", now + HOUR
    )
    found = ask(store, now + HOUR, Traits(sketch=(100, 101), handles=(200,)))
    assert near(found) == ["k/1"]
    assert found.kin[0].members[0].profile == b"new"
    assert near(ask(store, now + HOUR, HOLDS)) == ["k/1"]  # a reprint of the first version
    (member,) = store.stories.recent()[0].members
    assert (member.agency, member.wire) == ("MAP", "byline")


def test_an_edit_of_an_article_that_has_left_the_window_does_not_bring_it_back(
    store: Store, now: datetime
) -> None:
    one = put(store, now, 1, HOLDS)
    later = now + 100 * HOUR
    put(store, later, 2, Traits(sketch=(50,)))
    edit = make_verdict(text(1, first_seen=later), alert=False, traits=HOLDS, same_as=one.article_id)
    store.record(edit, "k/1", "h2", later)
    assert near(ask(store, later, HOLDS)) == []


def test_without_traits_nothing_is_sought(store: Store, now: datetime) -> None:
    put(store, now, 1, Traits())
    found = ask(store, now, Traits())
    assert (found.near, found.kin, found.stories) == ((), (), ())


def statements(store: Store, work: Callable[[], object]) -> int:
    """How many the database is asked by `work`, without those that begin and end a transaction."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(store._database.engine, "before_cursor_execute", note)
    work()
    event.remove(store._database.engine, "before_cursor_execute", note)
    return sum(not each.startswith(("BEGIN", "COMMIT")) for each in asked)


def test_a_new_article_is_looked_for_with_nine_statements_and_a_known_one_with_five(
    store: Store, now: datetime
) -> None:
    one = put(store, now, 1, HOLDS)
    put(store, now, 2, HOLDS, duplicate_of=one.article_id)
    put(store, now, 3, HOLDS, story=one.story_id)
    assert statements(store, lambda: ask(store, now, HOLDS)) == 9
    assert statements(store, lambda: ask(store, now, HOLDS, n=1)) == 5
