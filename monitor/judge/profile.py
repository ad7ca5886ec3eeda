"""What stories are told apart by: an article's rare words, names, numbers, places and vector, small enough to be kept.

`profile_of` and `handles` are called by `traits` for each article, `read` by `stories` for the members of the stories that
may take it. A profile is written to the database as bytes; never compared here.
"""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import xxhash

from monitor.judge.fingerprint import signed
from monitor.model import Article
from monitor.text import Tokens, tokenise
from monitor.text.background import cells, rarity, sharpened, term
from monitor.text.days import days
from monitor.text.lead import own_text
from monitor.text.places import CAPITALS, is_country, places
from monitor.text.skeleton import sounds
from monitor.text.vectors import SIZE, vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAD = 60  # words of the body that the vector, sounds and places are taken from
SOUNDED = 120  # ... and names compared across scripts
TERMS = 120  # ... and that are weighed
READ = 200  # words of the body that are looked at for names and numbers
READ_CHARACTERS = 2400
KEPT_TERMS = 120  # the weightiest
RARE_NAME = 0.35  # rarity from which a name is compared across scripts
RARE_WORD = 0.4  # ... and a word is looked up
HANDLES = 60
CELLS = 6  # strongest directions of the vector, two by two

_VERSION = 2
_HEAD = struct.Struct("<B2sBHH")  # version, language, whether there is a body and a vector, words, records
_RECORD = np.dtype([("id", "<u4"), ("kind", "u1"), ("weight", "u1"), ("rarity", "u1")])
_TERM, _NAME, _NUMBER, _CITY, _COUNTRY, _SKELETON, _HEAD_NUMBER, _HEAD_PLACE, _HEAD_TERM, _HEAD_DAY = (
    _KINDS
) = range(10)
_SETS = (_CITY, _COUNTRY, _HEAD_NUMBER, _HEAD_PLACE, _HEAD_DAY)
_NUMERAL = re.compile(r"\d+(?:[.,٫]\d+)*")
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?:\D|$))")
_TIME = re.compile(r"\b\d{1,2}[:h]\d\d\b")
_YEAR = re.compile(r"(?:19|20)\d\d")

Weights = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Profile:
    """Keys of the mappings are 32-bit hashes. `terms` is a unit vector of tf-idf; the others give a rarity, 0 to 1."""

    language: str
    words: int
    has_body: bool
    terms: Weights
    names: Weights
    skeletons: Weights  # names and Arabic words by their consonants, the same in both scripts
    numbers: Weights  # neither years nor single digits, nor days of a month
    cities: frozenset[int]
    countries: frozenset[int]
    headline_numbers: frozenset[int]  # any, a day of the month too
    headline_places: frozenset[int]
    headline_days: frozenset[int]  # names of days and months, and the numbers beside them
    headline_terms: Weights
    vector: NDArray[np.float32] | None
    sharp: NDArray[np.float32] | None  # see `background.sharpened`
    headline: NDArray[np.float32] | None  # the vector of the headline alone


@dataclass(frozen=True, slots=True)
class Features:
    """The same as text: what a profile is written from, and what an article is looked up by."""

    language: str
    words: int
    has_body: bool
    terms: dict[str, float]
    rarities: dict[str, float]
    names: frozenset[str]
    skeletons: dict[str, float]
    numbers: dict[str, float]
    places: dict[str, None]
    headline_numbers: frozenset[str]
    headline_places: frozenset[str]
    headline_days: frozenset[str]
    headline_terms: dict[str, float]
    vector: NDArray[np.float32] | None
    headline: NDArray[np.float32] | None  # the vector of the headline alone


def encoded(article: Article) -> tuple[str, str]:
    """The two texts whose vectors `features` takes: the headline; and with the lead, "" where there is none."""
    return _encoded(article, own_text(article.title, article.body or article.summary))


def _encoded(article: Article, body: str) -> tuple[str, str]:
    return article.title, f"{article.title}. {' '.join(body.split()[:LEAD])}" if body else ""


def features(article: Article, known: Sequence[NDArray[np.float32] | None] = ()) -> Features:
    """Of the title and the lead. A body that repeats the title is read without it. `known`: the vectors of `encoded`,
    where they were made together with those of others."""
    body = own_text(article.title, article.body or article.summary)
    language = article.language or ""
    lead = " ".join(body[: READ_CHARACTERS * 2].split()[:READ])[:READ_CHARACTERS]
    title, text = tokenise(article.title), tokenise(lead)
    counted = Counter(2 * [term(word) for word in title.words])
    counted.update(term(word) for word in text.words[:TERMS])
    rarities = {word: rarity(word, language) for word in counted if len(word) > 1}
    names = frozenset(_names(title, text))
    headline, whole = known or vectors(_encoded(article, body))
    return Features(
        language,
        len(title) + min(len(text), READ),
        bool(text.words),
        _unit({word: (1 + math.log(counted[word])) * rare for word, rare in rarities.items()}),
        rarities,
        names,
        _skeletons((*title.words, *text.words[:SOUNDED]), names, rarities, language),
        _numbers(f"{article.title} {lead}", days((*title.words, *text.words)), language),
        _governed(places([*_written(title), "", *list(_written(text))[:LEAD]])),
        frozenset(_numerals(article.title)),
        frozenset(_governed(places(list(_written(title))))),
        days(title.words),
        _unit({word: rarities[word] for word in map(term, title.words) if word in rarities}),
        whole if body else headline,
        headline,
    )


def handles(found: Features) -> tuple[int, ...]:
    """Hashes to look an article's relatives up by, the most telling first: of names and rare words, numbers, and the
    strongest directions of the vector, two by two, which are the same in every language."""
    by_weight = sorted(found.terms, key=lambda word: (-found.terms[word], word))
    rare_words = [f"t{word}" for word in by_weight if found.rarities[word] >= RARE_WORD][:16]
    numbers = [f"n{number}" for number in _rarest(found.numbers)[:6]]
    sounds = [f"s{one}" for one in _rarest(found.skeletons)[:14]]
    cities = sorted(place for place in found.places if not is_country(place))[:4]
    where = [f"p{place}" for place in cities]
    strong = _cells(found)
    pairs = [
        f"v{min(one, other)},{max(one, other)}" for n, one in enumerate(strong) for other in strong[n + 1 :]
    ]
    chosen = dict.fromkeys((*numbers, *rare_words, *pairs, *sounds, *where))
    return tuple(
        signed(xxhash.xxh3_64_intdigest(each.encode("utf-8", "replace"), seed=1)) for each in chosen
    )[:HANDLES]


def _rarest(weights: Mapping[str, float]) -> list[str]:
    return sorted(weights, key=lambda one: (-weights[one], -len(one), one))


def written(found: Features) -> bytes:
    """The profile as bytes, about 2 kB; `read` is the other way."""
    records = np.array(list(_records(found)), dtype=_RECORD)
    with_vector = found.vector is not None and found.headline is not None
    flags = int(found.has_body) + 2 * int(with_vector)
    language = found.language.encode("ascii", "replace")[:2]
    head = _HEAD.pack(_VERSION, language, flags, min(found.words, 65535), len(records))
    vectors = b""
    if found.vector is not None and found.headline is not None:
        vectors = _quantised(found.vector) + (_quantised(found.headline) if found.has_body else b"")
    return head + records.tobytes() + vectors


@lru_cache(maxsize=1024)  # 10 kB each
def read(stored: bytes) -> Profile | None:
    """None where the bytes are of another version: such a member is passed over."""
    if len(stored) < _HEAD.size or stored[0] != _VERSION:
        return None
    _, language_bytes, flags, words, count = _HEAD.unpack_from(stored)
    language = language_bytes.rstrip(b"\0").decode("ascii", "replace")
    records = np.frombuffer(stored, _RECORD, count, _HEAD.size)
    kinds = [records[records["kind"] == kind] for kind in _KINDS]
    raw = headline = None
    if flags & 2:
        raw = headline = _vector(stored, _HEAD.size + records.nbytes)
        if flags & 1:
            headline = _vector(stored, _HEAD.size + records.nbytes + SIZE)
    cities, countries, head_numbers, head_places, head_days = (
        frozenset(kinds[kind]["id"].tolist()) for kind in _SETS
    )
    return Profile(
        language,
        words,
        bool(flags & 1),
        _normal(kinds[_TERM]),
        _rarities(kinds[_NAME]),
        _rarities(kinds[_SKELETON]),
        _rarities(kinds[_NUMBER]),
        cities,
        countries,
        head_numbers,
        head_places,
        head_days,
        _normal(kinds[_HEAD_TERM]),
        raw,
        sharpened(raw, language) if raw is not None else None,
        headline,
    )


# --- from the text ---------------------------------------------------------------------------------------------------


def _names(title: Tokens, text: Tokens) -> Iterator[str]:
    """Words with a capital that the lead never writes without: a headline's capitals prove nothing alone."""
    small = {term(word) for place, word in enumerate(text.words) if text.raw(place)[:1].islower()}
    for tokens in (title, text):
        for place, word in enumerate(tokens.words):
            if len(word) > 2 and tokens.raw(place)[:1].isupper() and term(word) not in small:
                yield term(word)


def _skeletons(
    words: Iterable[str], names: frozenset[str], rarities: Mapping[str, float], language: str
) -> dict[str, float]:
    found: dict[str, float] = {}
    for word in words:
        rare = rarities.get(term(word), 0.0)
        if rare >= RARE_NAME and (language == "ar" or term(word) in names):
            for sound in sounds(word):
                if len(sound) >= 3:
                    found[sound] = max(rare * min(1.0, len(sound) / 5), found.get(sound, 0.0))
    return found


def _numbers(text: str, dated: frozenset[str], language: str) -> dict[str, float]:
    """The telling ones with their rarity: neither years nor single digits, times of the day nor days of a month."""
    numerals = dict.fromkeys(_numerals(_TIME.sub(" ", text)))
    telling = (one for one in numerals if len(one) > 1 and not _YEAR.fullmatch(one) and one not in dated)
    return {one: rarity(one, language) for one in telling}


def _numerals(text: str) -> Iterator[str]:
    """1.250 and 1,250 are 1250; 3,9 is 3.9."""
    for numeral in _NUMERAL.findall(text):
        yield _THOUSANDS.sub("", numeral.replace("٫", ".")).replace(",", ".")


def _written(tokens: Tokens) -> Iterator[str]:
    """The words for the gazetteer: "us" is a country in capitals only."""
    for place, word in enumerate(tokens.words):
        yield "" if word == "us" and tokens.raw(place).islower() else word


def _governed(found: Iterable[str]) -> dict[str, None]:
    """The places, a capital read as its country: Doha in a headline is Qatar."""
    return dict.fromkeys(CAPITALS.get(place, place) for place in found)


def _unit(weights: dict[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    return {word: weight / length for word, weight in weights.items()}


def _cells(found: Features) -> list[int]:
    return cells(sharpened(found.vector, found.language), CELLS) if found.vector is not None else []


# --- bytes -----------------------------------------------------------------------------------------------------------


def _records(found: Features) -> Iterator[tuple[int, int, int, int]]:
    kept = sorted(found.terms, key=lambda word: (-found.terms[word], word))[:KEPT_TERMS]
    for word in kept:
        yield _id(word), _TERM, round(found.terms[word] * 255), _byte(found.rarities[word])
    for word in sorted(found.names & found.rarities.keys()):
        yield _id(word), _NAME, 0, _byte(found.rarities[word])
    for sound, rare in list(found.skeletons.items())[:KEPT_TERMS]:
        yield _id(sound), _SKELETON, 0, _byte(rare)
    for number, rare in found.numbers.items():
        yield _id(number), _NUMBER, 0, _byte(rare)
    for place in found.places:
        yield _id(place), _COUNTRY if is_country(place) else _CITY, 0, 0
    for word, weight in found.headline_terms.items():
        yield _id(word), _HEAD_TERM, round(weight * 255), 0
    for number in sorted(found.headline_numbers):
        yield _id(number), _HEAD_NUMBER, 0, 0
    for place in sorted(found.headline_places):
        yield _id(place), _HEAD_PLACE, 0, 0
    for day in sorted(found.headline_days):
        yield _id(day), _HEAD_DAY, 0, 0


def _id(text: str) -> int:
    return xxhash.xxh32_intdigest(text.encode("utf-8", "replace"))


def _byte(share: float) -> int:
    return round(min(1.0, max(0.0, share)) * 255)


def _quantised(vector: NDArray[np.float32]) -> bytes:
    return np.round(vector / (np.abs(vector).max() or 1.0) * 127).astype(np.int8).tobytes()


def _vector(stored: bytes, start: int) -> NDArray[np.float32]:
    found = np.frombuffer(stored, np.int8, SIZE, start).astype(np.float32)
    return found / (np.linalg.norm(found) or np.float32(1))


def _normal(records: NDArray[np.void]) -> dict[int, float]:
    weights = records["weight"].astype(np.float64)
    length = float(np.linalg.norm(weights)) or 1.0
    return dict(zip(records["id"].tolist(), (weights / length).tolist(), strict=True))


def _rarities(records: NDArray[np.void]) -> dict[int, float]:
    return dict(zip(records["id"].tolist(), (records["rarity"] / 255.0).tolist(), strict=True))
