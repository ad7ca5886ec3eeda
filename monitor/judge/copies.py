"""L1: is an article a copy of one that is known (the same text, edited)? Called by `placing` with the store's candidates.

Compares texts only; whether it is the same *event* is for `stories` to say. Method and figures: docs/stories.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from monitor.judge.fingerprint import containment, moment, shingles, text_of, words_of
from monitor.model import Article, KnownArticle
from monitor.text import tokenise
from monitor.text.background import rarity, term
from monitor.text.places import CAPITALS, is_country, places

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
RARE_NAME = 0.5
TEMPLATE_CHARACTERS = 3_000
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


def repeats(one: Article, other: Article) -> bool:
    """Whether one text under both is one article. Where a page yields nothing but its furniture, an outlet's articles all
    have the same text, and only their headlines tell them apart."""
    if not one.source_id or one.source_id != other.source_id:
        return True
    mine, its = (frozenset(words_of(each.title)) for each in (one, other))
    return not (mine and its) or containment(mine, its) >= HEADLINE


def _again(one: Article, other: Article) -> bool:
    """Whether an outlet repeats its own text. More is asked than of two outlets: a column's standing words, the links below
    each text and daily forms are alike as well."""
    first, second = shingles(text_of(one)), shingles(text_of(other))
    return repeats(one, other) and len(first & second) >= OWN_SHARE * len(first | second)


@dataclass(frozen=True, slots=True)
class _Particulars:
    """What a form is filled in with."""

    words: tuple[str, ...]
    numbers: frozenset[str]
    names: frozenset[str]
    cities: frozenset[str]


def _filled_in(one: Article, other: Article) -> bool:
    """Whether both are one form, filled in with other things: other places in the headline or cities in the text, or in the
    same place another number or name."""
    if _of_other_places(one, other):
        return True
    longer = max(len(words_of(text_of(each))) for each in (one, other))
    if longer > TEMPLATE_WORDS:
        return False  # before names and places are looked for, which takes longer than all else here
    mine, its = (_particulars(text_of(each), each.language or "") for each in (one, other))
    if _differ(mine.cities, its.cities):
        return True
    alone = [*_only(mine.numbers, its.numbers), *_only(mine.names, its.names)]
    swapped = _swapped(mine.words, its.words) if alone else []
    return any(
        not here.isdisjoint(before) and not there.isdisjoint(after)
        for here, there in alone
        for before, after in swapped
    )


def _of_other_places(one: Article, other: Article) -> bool:
    """Whether each headline names a place that the other article never does: the guest of one day and that of another,
    received in the same words. A reprint may head the text with another place, but with one that stands in it."""
    mine, its = (_named(each.title) for each in (one, other))
    if not mine or not its or mine & its:
        return False
    return mine.isdisjoint(_named(text_of(other))) and its.isdisjoint(_named(text_of(one)))


@lru_cache(maxsize=1024)
def _named(text: str) -> frozenset[str]:
    """The places, a capital as its country."""
    return frozenset(CAPITALS.get(place, place) for place in places(words_of(text)))


@lru_cache(maxsize=1024)
def _particulars(text: str, language: str) -> _Particulars:
    tokens = tokenise(text) if len(text) < TEMPLATE_CHARACTERS else tokenise("")
    words = tokens.words or words_of(text)
    # in Arabic, which has no capitals, no word is known to be a name
    names = (
        word
        for place, word in enumerate(tokens.words)
        if tokens.raw(place)[:1].isupper() and len(word) > 2 and rarity(term(word), language) >= RARE_NAME
    )
    return _Particulars(
        tuple(words),
        frozenset(filter(str.isdigit, words)),
        frozenset(names),
        frozenset(place for place in places(words) if not is_country(place)),
    )


def _differ(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other and not one & other)


def _only(here: frozenset[str], there: frozenset[str]) -> list[tuple[frozenset[str], frozenset[str]]]:
    """What each side has alone, as one pair; none where one of them has nothing of its own."""
    return [(here - there, there - here)] if here - there and there - here else []


def _swapped(mine: Sequence[str], its: Sequence[str]) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Short runs of words that stand in the same place of the same sentence."""
    matcher = difflib.SequenceMatcher(None, mine, its, autojunk=False)
    return [
        (mine[a:b], its[c:d])
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace" and b - a <= NEAR and d - c <= NEAR
    ]
