"""A story that somebody was told of has grown, or an article of it says something else: what its recipients hear next.

    store.growth -> reach -> judge.editions -> judge.timing -> store.waiting

Called by `due`, a story at a time, whole in the store's thread. Plans and writes; what is due now is let go there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.errors import StoreError
from monitor.follow.headlines import headline_changed
from monitor.judge.editions import grown, refreshed
from monitor.judge.routing import way_of
from monitor.judge.timing import escalations, when_update
from monitor.model import Alert, Correction, Decision, Reason, Recipient, Severity, Spread, Timing, Watchlist
from monitor.parts import Parts
from monitor.reach import spread_of
from monitor.store import Grown, Held, Last
from monitor.wanted import wanted

STAGE = "release"


@dataclass(frozen=True, slots=True)
class Scene:
    """A story as it is now."""

    parts: Parts
    story: int
    spread: Spread
    now: datetime


def look_again(parts: Parts, queued: int) -> int:
    """Make what is new of a story the next edition of each alert that told of it; how many deliveries that made at once.
    Where the program itself fails on it, this is told, and the story's next article is the next chance."""
    grown_story = parts.store.growth.of(queued)
    made = 0
    if grown_story is None:
        return made
    try:
        made = _follow(parts, grown_story)
    except StoreError:
        raise
    except Exception as error:  # one story must not hold up the others
        parts.fault(f"story {queued}", error)
    parts.store.growth.done(queued, grown_story.upto)
    return made


def watchlists_of(ids: Sequence[str], parts: Parts) -> list[Watchlist]:
    """Those of the configuration; one that it no longer has reaches nobody."""
    return [one.watchlist for one in parts.rules.watchlists if one.watchlist.id in ids]


def _follow(parts: Parts, queued: Grown) -> int:
    story = parts.store.stories.get(queued.story)
    if story is None or not story.members:
        return 0
    made = 0
    scene = Scene(parts, story.story.id, spread_of(story.members, parts.sources), parts.clock())
    fresh = _by_recipient(queued.again, scene.spread)
    held = {each.alert.recipient: each for each in parts.store.waiting.of_story(scene.story)}
    last = parts.store.waiting.last_told(scene.story)
    for id in sorted({*held, *last}):
        recipient = parts.recipients.get(id)
        if recipient is None:
            continue
        if id in held:
            _renew(scene, recipient, held[id], last.get(id), fresh.get(id))
        else:
            made += _grow(scene, recipient, last[id], fresh.get(id))
    for id, known in last.items():
        if id in parts.recipients:
            _plan_escalation(scene, parts.recipients[id], known)
    return made


def _by_recipient(again: Iterable[Alert], spread: Spread) -> dict[str, Alert]:
    """What each would be told of all the new articles together."""
    found: dict[str, Alert] = {}
    for each in again:
        before = found.get(each.recipient)
        found[each.recipient] = refreshed(before, spread, each) if before else each
    return found


# --- who was told ----------------------------------------------------------------------------------------------------


def _grow(scene: Scene, recipient: Recipient, last: Last, fresh: Alert | None) -> int:
    edition = next_edition(scene, last, fresh)
    if edition is None or _unwanted(scene, edition):
        return 0
    watchlists = watchlists_of(edition.watchlists, scene.parts)
    found = way_of(recipient, watchlists, scene.parts.rules.routes, scene.now)
    if found is None:  # the routes have changed since
        return 0
    timing = when_update(found[0].route, recipient, edition.severity, last.told_at, scene.now)
    news = [*(edition.update.reasons if edition.update else ())]
    what = ", ".join([*news, edition.correction.kind] if edition.correction else news)
    detail = f"{recipient.id} hears what is new of the story ({what}) {timing.why}"
    told = (Decision(STAGE, Reason.FOLLOWED, detail, recipient.id),)
    return scene.parts.store.waiting.add(scene.story, edition, timing, told, scene.now)


def next_edition(scene: Scene, last: Last, fresh: Alert | None) -> Alert | None:
    """What is new since the last edition, of the story and of the article that the alert shows; None where nothing is."""
    edition = grown(last.alert, scene.spread, fresh)
    correction = _correction(scene, last)
    if correction is not None:
        base = edition or replace(refreshed(last.alert, scene.spread), update=None)
        edition = replace(base, correction=correction)
    return edition and replace(edition, edition=last.next_edition, escalated_from="")


def _unwanted(scene: Scene, edition: Alert) -> bool:
    left, _ = wanted(scene.parts.store, scene.parts.rules, edition, scene.story, scene.now)
    return left is None


def _correction(scene: Scene, last: Last) -> Correction | None:
    """What the outlet has done to the article that was told, unless that was told, too."""
    key = last.alert.article.key
    known = scene.parts.store.articles.by_url_key(key)
    if known is None:
        return None
    told = [each.alert for each in last.editions if each.alert.article.key == key]
    corrected = [each.correction for each in told if each.correction is not None]
    headline = next((each.after for each in corrected if each.kind == "headline"), told[-1].article.title)
    if known.removed_at is not None:
        if any(each.kind == "removed" for each in corrected):
            return None
        return Correction("removed", headline, "", known.removed_at)
    if not headline_changed(headline, known.article.title):
        return None
    return Correction("headline", headline, known.article.title, scene.now)


# --- who waits -------------------------------------------------------------------------------------------------------


def _renew(scene: Scene, recipient: Recipient, held: Held, last: Last | None, fresh: Alert | None) -> None:
    """What waits takes in what is new; where that would have gone sooner, it does."""
    if held.alert.edition and last is not None:
        told = next_edition(scene, last, refreshed(held.alert, scene.spread, fresh)) or held.alert
        told = replace(told, edition=held.alert.edition)
    else:
        told = _anew(held.alert, fresh) or refreshed(held.alert, scene.spread, fresh)
    timing = _sooner(scene, recipient, held, told, last)
    if told != held.alert or timing != held.timing:
        scene.parts.store.waiting.replan(held, told, timing)


def _anew(held: Alert, fresh: Alert | None) -> Alert | None:
    """An article that was edited before anybody was told of it is told as it is now."""
    if fresh is None or fresh.article.key != held.article.key:
        return None
    if not set(held.watchlists) <= set(fresh.watchlists):
        return None
    return replace(fresh, story_state=held.story_state)


def _sooner(scene: Scene, recipient: Recipient, held: Held, told: Alert, last: Last | None) -> Timing:
    watchlists = watchlists_of(told.watchlists, scene.parts)
    found = way_of(recipient, watchlists, scene.parts.rules.routes, scene.now)
    if found is None:
        return held.timing
    way, timing = found
    if held.alert.edition and last is not None:
        timing = when_update(way.route, recipient, told.severity, last.told_at, scene.now)
    return timing if timing.at < held.timing.at else held.timing


# --- who hears next --------------------------------------------------------------------------------------------------


def _plan_escalation(scene: Scene, recipient: Recipient, last: Last) -> None:
    """Of the first edition that was critical; a recipient who hears by escalation has no next one."""
    critical = [
        each
        for each in last.editions
        if each.alert.severity is Severity.CRITICAL and not each.alert.escalated_from
    ]
    if not critical:
        return
    first = min(critical, key=lambda each: each.alert.edition)
    watchlists = watchlists_of(first.alert.watchlists, scene.parts)
    found = way_of(recipient, watchlists, scene.parts.rules.routes, scene.now)
    if found is not None:
        steps = escalations(found[0].route, Severity.CRITICAL, first.told_at)
        scene.parts.store.escalations.plan(first.id, steps)
