"""Article + neighbours + rules -> Verdict: the same article again, a copy of another, or news; and who is told.

    find_matches -> identity -> route

Called by the pipeline for one article at a time. Decides only; the store writes it down.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from monitor.judge.matching import find_matches, matching_watchlists
from monitor.judge.routing import route
from monitor.judge.rules import Rules
from monitor.model import Article, Candidates, Decision, KnownArticle, Match, Reason, Verdict

STAGE = "judge"
_SHOWN_HITS = 3


def judge(article: Article, candidates: Candidates, rules: Rules, now: datetime) -> Verdict:
    """All that is decided about the article. `candidates` are its neighbours in the store; `now` is aware."""
    matches = find_matches(article, rules)
    place = _place(article, candidates)
    verdict = Verdict(
        article,
        decisions=(*place.decisions, *_found(matches)),
        matches=matches,
        same_as=place.same_as,
        duplicate_of=place.duplicate_of,
        story=place.story,
    )
    return _routed(verdict, candidates, rules, now)


def _place(article: Article, candidates: Candidates) -> Verdict:
    """Which article and story it belongs to, as a verdict that says only this."""
    if candidates.same is not None:
        return _same(article, candidates.same, candidates.same_reason)
    if candidates.same_text is not None:
        original = candidates.same_text
        first = original.duplicate_of or original.id
        return Verdict(
            article,
            (
                Decision(
                    STAGE,
                    Reason.SAME_TEXT,
                    f"the text of article {first} ({_where(original.article)}), word for word",
                ),
                Decision(STAGE, Reason.JOINS_STORY, f"joins story {original.story_id}"),
            ),
            duplicate_of=first,
            story=original.story_id,
        )
    return Verdict(
        article, (Decision(STAGE, Reason.OPENS_STORY, "no earlier article with this address or text"),)
    )


def _same(article: Article, known: KnownArticle, reason: Reason) -> Verdict:
    how = "address" if reason is Reason.SAME_URL else "identifier at this source"
    decisions = [Decision(STAGE, reason, f"article {known.id} again: the same {how}")]
    changed = [name for name in ("title", "body") if getattr(article, name) != getattr(known.article, name)]
    if changed:
        decisions.append(Decision(STAGE, Reason.UPDATED, f"its {' and '.join(changed)} changed"))
    return Verdict(
        article, tuple(decisions), same_as=known.id, duplicate_of=known.duplicate_of, story=known.story_id
    )


def _where(article: Article) -> str:
    return f"{article.source_id}, {article.url or article.key}"


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
    story = next((one for one in candidates.stories if one.id == verdict.story), None)
    routed = route(verdict.article, fresh, rules, story, candidates.silences, now)
    return replace(
        verdict,
        decisions=(*verdict.decisions, *backlog, *routed.decisions),
        alerts=routed.alerts,
        timings=routed.timings,
        again=routed.again,
    )


def _old_matches(verdict: Verdict, candidates: Candidates, rules: Rules) -> frozenset[str]:
    """The watchlists whose match is no news: all of a backlog article's, and those that its earlier version had."""
    if verdict.article.backlog:
        return frozenset(match.watchlist for match in verdict.matches)
    if candidates.same is not None and candidates.same.article.backlog:
        return frozenset(matching_watchlists(candidates.same.article, rules))
    return frozenset()
