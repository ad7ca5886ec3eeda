"""One form filled in twice: the guest of one day and another's, a telegram, a daily report. Called by `copies` for two texts
that are alike, and there only.

What tells a form from an edited copy: a copy is cut, lengthened and headed anew, but what its headline names stands in the
original too. In a form each text names in the same place what the other never does. Never says whether two reports in other
words tell one event. Method and figures: docs/design/0079-forms.md.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from monitor.judge.fingerprint import together, words_of
from monitor.model import Article
from monitor.text import Tokens, tokenise
from monitor.text.background import rarity, term
from monitor.text.lead import own_text
from monitor.text.places import CAPITALS, places
from monitor.text.skeleton import skeleton

LEAD = 150  # words of its own text, in which a form is filled in; behind it links may name everybody
FORM_WORDS = 250
LEAD_CHARACTERS = 3_000
RARE = 0.4  # rarity from which a word with a capital may be a name, which "President" and "Minister" are not
RARE_NAME = 0.2  # ... of a word with a capital in the same place
SAME_HEADLINE = 0.5  # of the shorter headline's words
NEAR = 4  # words that one filled-in number may bring with it
APART = 2  # words in common between two parts of one filled-in name: "prince of", "of the"
LONGEST = 30  # words of a filled-in name with its titles: a longer run is a paragraph, which a copy may add

Blocks = Sequence[tuple[str, int, int, int, int]]
_Told = tuple[str, str, str]  # title, text and language


class Filled(Enum):
    """In what two fillings differ."""

    NAMES = "names"  # in the same place: another event
    HEADLINES = "headlines"  # each names what the other does not: no copy
    NUMBERS = "numbers"  # in the same place: no copy, but perhaps a later count of one event


@dataclass(frozen=True, slots=True)
class _Lead:
    """Where a form is filled in. Names as `term` has them; a place as "@" and its id."""

    headline: frozenset[str]
    words: tuple[str, ...]
    said: frozenset[str]  # words and places of headline and lead
    names: frozenset[str]
    headed: frozenset[str]  # names that the headline says too, and its places
    told: frozenset[str]  # rare words that both say, and the headline's places
    numbers: frozenset[str]


def filled_in(one: Article, other: Article) -> Filled | None:
    """How two like texts differ, if they are one form; None where one may be a copy of the other."""
    return _filled_in(_told(one), _told(other))


def _told(article: Article) -> _Told:
    return article.title, article.body or article.summary, article.language or ""


@lru_cache(
    maxsize=64
)  # `copies` asks up to three times for a pair: as a copy, for its original, and for its story
def _filled_in(one: _Told, other: _Told) -> Filled | None:
    mine, its = _lead(*one), _lead(*other)
    if _alike(mine.headline, its.headline) and _unlike(mine.headed - its.said, its.headed - mine.said):
        return Filled.NAMES
    blocks = _blocks(mine, its) if _may_be_form(one, other, mine, its) else ()
    if any(_renamed(mine, its, *slot) for slot in _slots(blocks)):
        return Filled.NAMES
    if _headed_with_others(mine, its) or _headed_with_others(its, mine):
        return Filled.HEADLINES
    return Filled.NUMBERS if _recounted(mine, its, blocks) else None


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SAME_HEADLINE * min(len(one), len(other))


def _may_be_form(one: _Told, other: _Told, mine: _Lead, its: _Lead) -> bool:
    """Asked before the words are laid side by side, which takes longer than all else here: most copies name nothing new."""
    renamed = not (mine.names <= its.said or its.names <= mine.said)
    recounted = not (mine.numbers <= its.numbers or its.numbers <= mine.numbers)
    return (renamed or recounted) and max(
        len(words_of(together(title, body))) for title, body, _ in (one, other)
    ) <= FORM_WORDS


def _blocks(mine: _Lead, its: _Lead) -> Blocks:
    return difflib.SequenceMatcher(None, mine.words, its.words, autojunk=False).get_opcodes()


def _recounted(mine: _Lead, its: _Lead, blocks: Blocks) -> bool:
    """Whether other numbers stand in the same place."""
    first, second = mine.numbers - its.numbers, its.numbers - mine.numbers
    return any(
        not first.isdisjoint(mine.words[a:b]) and not second.isdisjoint(its.words[c:d])
        for kind, a, b, c, d in blocks
        if kind == "replace" and b - a <= NEAR and d - c <= NEAR
    )


@lru_cache(maxsize=1024)
def _lead(title: str, body: str, language: str) -> _Lead:
    tokens = tokenise(" ".join(own_text(title, body)[: LEAD_CHARACTERS * 2].split()[:LEAD])[:LEAD_CHARACTERS])
    headline = words_of(title)
    words = tuple(tokens.words) or headline
    head = frozenset(map(term, headline))
    everywhere, where = _where(words), _where(headline)
    head |= where
    said = frozenset(map(term, words)) | everywhere
    if not tokens.words:  # in a headline alone any word may have a capital
        return _Lead(frozenset(headline), words, head, where, where, where, _numbers(words))
    told = where | frozenset(each for each in head & said if _rare(each, language))
    names = frozenset(_names(tokens, language)) | everywhere
    # in Arabic, which has no capitals, a rare word of the headline may be a name
    headed = told if language == "ar" else told & names | where
    return _Lead(frozenset(headline), words, said | head, names | headed, headed, told, _numbers(words))


def _headed_with_others(mine: _Lead, its: _Lead) -> bool:
    """Whether my headline names what the other article never says, and its headline tells what mine never does."""
    return _unlike(mine.headed - its.said, its.told - mine.said)


def _rare(word: str, language: str) -> bool:
    return len(word) > 2 and rarity(word, language) >= RARE


def _numbers(words: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(str.isdigit, words))


def _names(tokens: Tokens, language: str) -> Iterator[str]:
    """Words with a capital that the text never writes without."""
    small = {term(word) for place, word in enumerate(tokens.words) if tokens.raw(place)[:1].islower()}
    for place, word in enumerate(tokens.words):
        each = term(word)
        if (
            tokens.raw(place)[:1].isupper()
            and each not in small
            and len(word) > 2
            and rarity(each, language) >= RARE_NAME
        ):
            yield each


def _where(words: Iterable[str]) -> frozenset[str]:
    return frozenset("@" + CAPITALS.get(place, place) for place in places(tuple(words)))


def _slots(blocks: Blocks) -> Iterator[tuple[slice, slice]]:
    """Where the texts differ between words in common, with a word or two in common within: a name of several words."""
    start: tuple[int, int] | None = None
    for kind, a, b, c, _ in blocks:
        if kind == "equal" and b - a > APART:
            if start is not None and a - start[0] <= LONGEST and c - start[1] <= LONGEST:
                yield slice(start[0], a), slice(start[1], c)
            start = None
        elif kind != "equal" and start is None:
            start = (a, c)


def _renamed(mine: _Lead, its: _Lead, here: slice, there: slice) -> bool:
    """Whether each has names in this place that the other never says; at the beginning, where a copy may have another
    place and agency, the headline's."""
    begins = not (here.start and there.start)
    first = _named(mine.words[here]) & ((mine.headed if begins else mine.names) - its.said)
    second = _named(its.words[there]) & ((its.headed if begins else its.names) - mine.said)
    return _unlike(first, second)


def _named(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(term, words)) | _where(words)


def _unlike(mine: frozenset[str], its: frozenset[str]) -> bool:
    """Whether each has a name that is not another spelling of one of the other's."""
    first, second = ({skeleton(word) or word for word in words} for words in (mine, its))
    return bool(first - second and second - first)
