"""L1: is an article a copy of one that is known (the same text, edited)? Called by `placing` with the store's candidates.

Compares texts only; whether it is the same *event* is for `stories` to say. Method and figures: docs/stories.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.judge.fingerprint import containment, moment, shingles, text_of, words_of
from monitor.model import Article, KnownArticle
from monitor.text.places import is_country, places

WINDOW = timedelta(hours=72)
SHARE = 0.5  # of the shorter text's word pairs
SHARE_SHORT = 0.6  # of a text below SHORT words
SHORT = 30
FEWEST = 8  # pairs in common, or FEWEST_SHARE of the shorter text where it has few
FEWEST_SHARE = 0.6
WITH_ORIGINAL = 0.2  # share with the original itself, where the likest text is one of its copies
HEADLINE = 0.3  # share of headline words that two texts of one outlet need as well
OWN_SHARE = 0.6  # ... and of all their word pairs
NEAR = 4  # words that one filled-in number may bring with it
FORM_WORDS = 120
TEMPLATE_WORDS = 250  # texts longer than this are no forms filled in daily


@dataclass(frozen=True, slots=True)
class Copy:
    """What an article is a copy of: the original, and the share of the shorter text that both have."""

    original: KnownArticle
    share: float
    through: KnownArticle  # the likest text: the original, or another copy of it


def copy_of(article: Article, near: Iterable[KnownArticle]) -> Copy | None:
    """The copied article, if one of `near` is copied: these are live ones that share hashes, and their originals."""
    known = {each.id: each for each in near}
    best: Copy | None = None
    for each in known.values():
        share = _share(article, each.article)
        if share is None or (best is not None and share <= best.share):
            continue
        original = _original(article, each, known)
        if original is not None:
            best = Copy(original, share, each)
    return best


def _original(article: Article, copy: KnownArticle, known: Mapping[int, KnownArticle]) -> KnownArticle | None:
    """The first of the copies, if the article is like that one too: a chain of copies may end at another text."""
    if copy.duplicate_of is None:
        return copy
    original = known.get(copy.duplicate_of)
    if original is None:  # retention has taken it
        return copy
    alike = containment(shingles(text_of(article)), shingles(text_of(original.article)))
    return original if alike >= WITH_ORIGINAL else None


def _share(article: Article, other: Article) -> float | None:
    """The share of the shorter text that both have; None where it is no copy."""
    if abs(moment(article) - moment(other)) > WINDOW:
        return None
    mine, its = shingles(text_of(article)), shingles(text_of(other))
    shorter = min(len(mine), len(its))
    common = len(mine & its)
    share = common / shorter if shorter else 0.0
    least = SHARE if shorter >= SHORT else SHARE_SHORT
    if share < least or common < min(FEWEST, FEWEST_SHARE * shorter):
        return None
    if article.source_id and article.source_id == other.source_id and not _again(article, other):
        return None
    return None if _filled_in(article, other) else share


def _again(one: Article, other: Article) -> bool:
    """Whether an outlet repeats its own text. More is asked than of two outlets: a column's standing words, the links below
    each text and daily forms are alike as well."""
    mine, its = (frozenset(words_of(each.title)) for each in (one, other))
    first, second = shingles(text_of(one)), shingles(text_of(other))
    return containment(mine, its) >= HEADLINE and len(first & second) >= OWN_SHARE * len(first | second)


def _filled_in(one: Article, other: Article) -> bool:
    """Whether both are one form, filled in with other things: other cities, or in the same place another number."""
    mine, its = words_of(text_of(one)), words_of(text_of(other))
    if max(len(mine), len(its)) > TEMPLATE_WORDS:
        return False
    cities, others = _cities(mine), _cities(its)
    if cities and others and not cities & others:
        return True
    if max(len(mine), len(its)) <= FORM_WORDS and _elsewhere(one, other):
        return True
    matcher = difflib.SequenceMatcher(None, mine, its, autojunk=False)
    return any(
        kind == "replace" and _numbers(mine[a:b]) and _numbers(its[c:d]) and b - a <= NEAR and d - c <= NEAR
        for kind, a, b, c, d in matcher.get_opcodes()
    )


def _elsewhere(one: Article, other: Article) -> bool:
    """Whether the headlines name places, and none in common: congratulations to another country's president."""
    here, there = (set(places(words_of(each.title))) for each in (one, other))
    return bool(here and there and not here & there)


def _cities(words: Sequence[str]) -> set[str]:
    return {place for place in places(words) if not is_country(place)}


def _numbers(words: Iterable[str]) -> bool:
    return any(word.isdigit() for word in words)
