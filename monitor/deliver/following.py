"""What is new in a later edition of an alert: the line that a chat shows, and the block above the alert in a mail. Pure.

Called by render. An edition is an update (more outlets, a new language, a higher severity) or a correction (its outlet
changed the headline, or took the article away); an alert may also come because somebody else did not answer to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.deliver.words import Words, moment
from monitor.model import Alert, Correction, Recipient, Update
from monitor.text.direction import isolated
from monitor.text.phrases import Phrases, corrected, news, phrases_for, quoted, spread_of
from monitor.text.plain import NAME, one_line

OUTLETS = 12  # named; of the others their number is told


@dataclass(frozen=True, slots=True)
class Following:
    """Sentences, "" where there is nothing to say. `headline` leads, `details` follow it."""

    headline: str = ""
    details: tuple[str, ...] = ()
    escalated: str = ""
    spread: str = ""  # how far the story has come
    carriers: str = ""  # by whom

    @property
    def line(self) -> str:
        """For a chat that has the story above it."""
        return " · ".join(filter(None, (self.escalated, self.headline)))


def following(alert: Alert, recipient: Recipient, words: Words) -> Following:
    phrases = phrases_for(words.language)
    headline, details = _news(alert, recipient, words, phrases)
    state = alert.story_state
    several = state is not None and len(state.outlets) > 1
    return Following(
        headline=headline,
        details=details,
        escalated=_escalated(alert, phrases),
        spread=spread_of(state, phrases) if state and several else "",
        carriers=names(state.outlets, words) if state and several else "",
    )


def _escalated(alert: Alert, phrases: Phrases) -> str:
    name = one_line(alert.escalated_from, NAME)
    return phrases.escalated.format(name=name) if name else ""


def _news(alert: Alert, recipient: Recipient, words: Words, phrases: Phrases) -> tuple[str, tuple[str, ...]]:
    if alert.correction:
        return _corrected(alert, alert.correction, recipient, words, phrases)
    if alert.update:
        return _updated(alert, alert.update, words, phrases)
    return "", ()


def _corrected(
    alert: Alert, correction: Correction, recipient: Recipient, words: Words, phrases: Phrases
) -> tuple[str, tuple[str, ...]]:
    outlet = alert.source_name or alert.article.source_id
    seen = phrases.seen.format(moment=moment(correction.seen_at, recipient.timezone, words))
    before = quoted(correction.before, phrases)
    was = (phrases.removed_was.format(before=before),) if correction.kind == "removed" else ()
    return corrected(correction, outlet, phrases), (*was, seen)


def _updated(alert: Alert, update: Update, words: Words, phrases: Phrases) -> tuple[str, tuple[str, ...]]:
    title = one_line(alert.titles[0], NAME) if alert.titles else ""
    raised = phrases.severity.format(severity=words.severity[alert.severity], watchlist=title)
    said = news(update.reasons, update.outlets, alert.story_state, raised, phrases)
    new = names(update.new_outlets, words)
    return said[:1].upper() + said[1:], (f"{phrases.new_outlets}{words.colon}{new}",) if new else ()


def names(outlets: Sequence[str], words: Words) -> str:
    shown = words.comma.join(isolated(one_line(name, NAME), words.rtl) for name in outlets[:OUTLETS])
    more = f" (+{len(outlets) - OUTLETS})" if len(outlets) > OUTLETS else ""
    return shown + more
