"""Article + neighbours + rules -> Verdict: the same article again, a copy of another, or news; and who is told.

    find_matches -> place -> route

Called by the pipeline for one article at a time. Decides only; the store writes it down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from monitor.judge.matching import find_matches, matching_watchlists
from monitor.judge.placing import STAGE, place
from monitor.judge.routing import route
from monitor.judge.rules import Rules
from monitor.model import NO_TRAITS, Article, Candidates, Decision, Match, Reason, Story, Traits, Verdict

_SHOWN_HITS = 3


def judge(
    article: Article, candidates: Candidates, rules: Rules, now: datetime, traits: Traits = NO_TRAITS
) -> Verdict:
    """All that is decided about the article. `candidates` are its neighbours in the store, found by its `traits`."""
    matches = find_matches(article, rules)
    placed = place(article, candidates, traits)
    verdict = Verdict(
        article,
        decisions=(*placed.decisions, *_found(matches)),
        matches=matches,
        same_as=placed.same_as,
        duplicate_of=placed.duplicate_of,
        story=placed.story,
        traits=traits,
        likeness=placed.likeness,
        merges=placed.merges,
    )
    return _routed(verdict, candidates, rules, now)


def _found(matches: tuple[Match, ...]) -> tuple[Decision, ...]:
    if not matches:
        return (Decision(STAGE, Reason.NOT_MATCHED, "no watchlist matches"),)
    return tuple(Decision(STAGE, Reason.MATCHED, _evidence(match), match.watchlist) for match in matches)


def _evidence(match: Match) -> str:
    shown = [f"«{hit.text}» in the {hit.field}" for hit in match.hits[:_SHOWN_HITS]]
    more = len(match.hits) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "") if shown else "its conditions hold"


def _routed(verdict: Verdict, candidates: Candidates, rules: Rules, now: datetime) -> Verdict:
    old = _old_matches(verdict, candidates, rules)
    fresh = tuple(match for match in verdict.matches if match.watchlist not in old)
    backlog = tuple(
        Decision(
            "route", Reason.BACKLOG, "from a source's first reading: stored, nobody is told", match.watchlist
        )
        for match in verdict.matches
        if match.watchlist in old
    )
    its = (verdict.story, *verdict.merges)
    story = _as_one([one for one in candidates.stories if one.id in its], verdict.story)
    mine = tuple(each for each in candidates.replies if each.story in (None, *its))
    routed = route(verdict.article, fresh, rules, story, candidates.silences, now, mine)
    return replace(
        verdict,
        decisions=(*verdict.decisions, *backlog, *routed.decisions),
        alerts=routed.alerts,
        timings=routed.timings,
        again=routed.again,
    )


def _as_one(stories: Sequence[Story], into: int | None) -> Story | None:
    """The story that the article joins, with whoever was told of those that turn out to be one with it."""
    joined = next((each for each in stories if each.id == into), None)
    if joined is None:
        return None
    return replace(joined, alerted=frozenset[str]().union(*(each.alerted for each in stories)))


def _old_matches(verdict: Verdict, candidates: Candidates, rules: Rules) -> frozenset[str]:
    """The watchlists whose match is no news: all of a backlog article's, and those that its earlier version had."""
    if verdict.article.backlog:
        return frozenset(match.watchlist for match in verdict.matches)
    if candidates.same is not None and candidates.same.article.backlog:
        return frozenset(matching_watchlists(candidates.same.article, rules))
    return frozenset()
