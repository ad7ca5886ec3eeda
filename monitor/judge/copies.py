"""L1: is an article a copy of one that is known (the same text, edited)? Called by `placing` with the store's candidates.

Compares texts only; whether it is the same *event* is for `stories` to say. Method and figures: docs/stories.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from monitor.judge.fingerprint import containment, moment, shingles, text_of, words_of
from monitor.judge.forms import Filled, filled_in
from monitor.model import Article, KnownArticle

WINDOW = timedelta(hours=72)
SHARE = 0.5  # of the shorter text's word pairs
SHARE_SHORT = 0.6  # of a text below SHORT words
SHORT = 30
FEWEST = 8  # pairs in common, or FEWEST_SHARE of the shorter text where it has few
FEWEST_SHARE = 0.6
SHARE_FORM = 0.4  # ... that two fillings of one form have
BEGINNING = 150  # words
WITH_ORIGINAL = 0.2  # share with the original itself, where the likest text is one of its copies
HEADLINE = 0.3  # share of headline words that two texts of one outlet need as well
OWN_SHARE = 0.6  # ... and of all their word pairs


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


def in_one_form(article: Article, near: Iterable[KnownArticle]) -> frozenset[int]:
    """The stories of those that have the article's words with other names in them: whatever else is alike, they tell of
    another guest, telegram or town."""
    return frozenset(
        each.story_id
        for each in near
        if (common := _common(article, each.article)).share
        >= (SHARE_FORM if common.shorter >= SHORT else SHARE)
        and filled_in(article, each.article) is Filled.NAMES
    )


@dataclass(frozen=True, slots=True)
class _Common:
    """The word pairs that two texts have in common, of how many of the shorter one."""

    pairs: int
    shorter: int

    @property
    def share(self) -> float:
        return self.pairs / self.shorter if self.shorter else 0.0


def _common(one: Article, other: Article) -> _Common:
    """A headline that comes alone is looked for in the beginning: below it a page may show the headlines of all others."""
    first, second = shingles(text_of(one)), shingles(text_of(other))
    if len(first) > len(second):
        one, other, first, second = other, one, second, first
    if len(first) < SHORT:
        second = shingles(" ".join(words_of(text_of(other))[:BEGINNING]))
    return _Common(len(first & second), len(first))


def _original(article: Article, copy: KnownArticle, known: Mapping[int, KnownArticle]) -> KnownArticle | None:
    """The first of the copies, if the article is like that one too: a chain of copies may end at another text."""
    if copy.duplicate_of is None:
        return copy
    original = known.get(copy.duplicate_of)
    if original is None:  # retention has taken it
        return copy
    alike = containment(shingles(text_of(article)), shingles(text_of(original.article)))
    return original if alike >= WITH_ORIGINAL and not filled_in(article, original.article) else None


def _share(article: Article, other: Article) -> float | None:
    """The share of the shorter text that both have; None where it is no copy."""
    if abs(moment(article) - moment(other)) > WINDOW:
        return None
    common = _common(article, other)
    least = SHARE if common.shorter >= SHORT else SHARE_SHORT
    if common.share < least or common.pairs < min(FEWEST, FEWEST_SHARE * common.shorter):
        return None
    if article.source_id and article.source_id == other.source_id and not _again(article, other):
        return None
    return None if filled_in(article, other) else common.share


def repeats(one: Article, other: Article) -> bool:
    """Whether one text under both is one article: not where the headlines name others, and where one outlet has both they
    have words in common. A page that yields nothing but its furniture has the same text as all of its outlet's."""
    if filled_in(one, other) is Filled.NAMES:
        return False
    return one.source_id != other.source_id or not one.source_id or _alike_in_headline(one, other)


def _alike_in_headline(one: Article, other: Article) -> bool:
    mine, its = (frozenset(words_of(each.title)) for each in (one, other))
    return not (mine and its) or containment(mine, its) >= HEADLINE


def _again(one: Article, other: Article) -> bool:
    """Whether an outlet repeats its own text. More is asked than of two outlets: a column's standing words, the links below
    each text and daily forms are alike as well."""
    first, second = shingles(text_of(one)), shingles(text_of(other))
    return _alike_in_headline(one, other) and len(first & second) >= OWN_SHARE * len(first | second)
