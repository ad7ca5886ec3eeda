"""Where an article belongs: the same as a known one, a copy of one, part of an open story, or the first of a new one.

    L0 same address or id -> word for word the same -> L1 `copies` -> L2 `stories` -> opens one

Called by `verdict` with what the store found, and by `monitor cluster` with what `window` found. Decides nothing about
who is told.
"""

from __future__ import annotations

from monitor.judge.copies import Copy, copy_of, in_one_form, repeats
from monitor.judge.fingerprint import moment
from monitor.judge.stories import Kinship, story_of
from monitor.model import Article, Candidates, Decision, KnownArticle, Reason, Traits, Verdict

STAGE = "judge"
SHOWN = 80  # characters of a headline in a reason


def place(article: Article, candidates: Candidates, traits: Traits) -> Verdict:
    """Which article and story it belongs to, as a verdict that says only this."""
    if candidates.same is not None:
        return _same(article, candidates.same, candidates.same_reason)
    if candidates.same_text is not None and repeats(article, candidates.same_text.article):
        return _word_for_word(article, candidates.same_text)
    copy = copy_of(article, candidates.near)
    if copy is not None:
        return _reprint(article, copy)
    others = in_one_form(article, candidates.near)
    open_to_it = [each for each in candidates.kin if each.story.id not in others]
    kin = story_of(traits.profile, article.source_id, moment(article), article.first_seen, open_to_it)
    if kin is not None:
        return _joins(article, kin)
    return Verdict(
        article,
        (Decision(STAGE, Reason.OPENS_STORY, "no earlier article with this address, text or event"),),
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


def _word_for_word(article: Article, original: KnownArticle) -> Verdict:
    first = original.duplicate_of or original.id
    detail = f"the text of article {first} ({_where(original.article)}), word for word"
    return _into(article, Decision(STAGE, Reason.SAME_TEXT, detail), first, original.story_id, 1.0)


def _reprint(article: Article, copy: Copy) -> Verdict:
    original = copy.original
    how = f"{copy.share:.0%} of the shorter text"
    if copy.through.id != original.id:
        how += f", by way of article {copy.through.id}"
    detail = f"reprint of article {original.id} ({_where(original.article)}): {how}"
    return _into(article, Decision(STAGE, Reason.REPRINT, detail), original.id, original.story_id, copy.share)


def _into(article: Article, why: Decision, original: int, story: int, share: float) -> Verdict:
    joins = Decision(STAGE, Reason.JOINS_STORY, f"joins story {story}")
    return Verdict(article, (why, joins), duplicate_of=original, story=story, likeness=share)


def _joins(article: Article, kin: Kinship) -> Verdict:
    title = kin.nearest.title
    shown = title if len(title) <= SHOWN else title[: SHOWN - 1].rstrip() + "…"
    detail = (
        f"joins story {kin.story}, {kin.likeness:.0%} sure; nearest is article {kin.nearest.id} "
        f"({kin.nearest.source_id}) «{shown}»: {kin.why}"
    )
    merged = (
        Decision(
            STAGE, Reason.MERGED, f"story {other} tells the same event as story {kin.story}: both are one now"
        )
        for other in kin.merges
    )
    return Verdict(
        article,
        (Decision(STAGE, Reason.JOINS_STORY, detail), *merged),
        story=kin.story,
        likeness=kin.likeness,
        merges=kin.merges,
    )


def _where(article: Article) -> str:
    return f"{article.source_id}, {article.url or article.key}"
