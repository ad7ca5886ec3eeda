"""What comes first, and that a story is told once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from monitor.model import Severity
from monitor.review import Heading, ReviewStory, importance, sections
from tests.review.samples import ENERGY, SECURITY, SINCE, UNTIL, first_case, review, story

PAPERS = tuple(f"paper {n}" for n in range(9))


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        # a high watchlist's story of a small paper at the very beginning
        ({}, 30.0),
        # the same of a normal one
        ({"watchlists": ("energy",)}, 15.0),
        # under both, the more severe counts
        ({"watchlists": ("energy", "security")}, 30.0),
        # a national paper, a regional one
        ({"tier": 1}, 50.0),
        ({"tier": 2}, 40.0),
        # seen last at the middle of the period, at its end
        ({"last_seen": SINCE + timedelta(hours=12)}, 35.0),
        ({"last_seen": UNTIL}, 40.0),
        # four papers with reports of their own: two doublings
        ({"outlets": PAPERS[:4], "own": PAPERS[:4]}, 40.0),
        # one report and six reprints of it: four voices
        ({"outlets": PAPERS[:7], "own": PAPERS[:1]}, 40.0),
        # a copy only, of an original that is not ours to see
        ({"own": ()}, 30.0),
        # reach is bounded
        ({"outlets": PAPERS * 20, "own": PAPERS * 20}, 55.0),
        # of a watchlist that the review does not name
        ({"watchlists": ("gone",)}, 0.0),
    ],
)
def test_importance_is_a_sum_of_points(fields: dict[str, Any], points: float) -> None:
    one = story(**{"last_seen": SINCE, **fields})
    assert importance(one, review(one)) == points


def test_the_most_severe_watchlist_comes_first_and_a_story_is_told_once() -> None:
    told = sections(first_case())
    assert [section.heading for section in told] == [SECURITY, ENERGY]
    assert [[each.id for each in section.stories] for section in told] == [[1, 3, 2], [4]]
    assert [[each.id for each in section.told_above] for section in told] == [[], [3]]


def test_a_watchlist_without_stories_keeps_its_place() -> None:
    quiet = Heading("quiet", "Quiet", Severity.CRITICAL)
    assert [(s.heading.id, s.stories) for s in sections(review(headings=(ENERGY, quiet)))] == [
        ("quiet", ()),
        ("energy", ()),
    ]


def test_equal_stories_stand_in_the_order_they_came() -> None:
    later, first = (
        story(1, at=SINCE + timedelta(hours=2), last_seen=UNTIL),
        story(2, last_seen=UNTIL, at=SINCE),
    )
    told: tuple[ReviewStory, ...] = sections(review(later, first))[0].stories
    assert [each.id for each in told] == [2, 1]


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(ValueError, match="is empty"):
        review(since=UNTIL, until=UNTIL)
