"""How much speaks for an article being about a story's event: evidence as numbers, and their weighed sum.

Called by `stories` for each story that may take the article. The weights were fitted by `python -m benchmarks.stories fit`
(logistic regression over articles and the stories open when they came; see docs/stories.md); change them by that only.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import TypeVar

import numpy as np

from monitor.judge.profile import Profile, Weights
from monitor.judge.weights import WEIGHTS

T = TypeVar("T")
ALIKE = 0.15  # cosine of headlines
SUMMARY = 80  # words, of the article and of the story's on average
NEAR = 0.5  # ... of their vectors
SAME_FORM = 0.4  # ... of a series


class Regime(StrEnum):
    """What can be compared. Headlines alone, or another language, leave less and need a scale of their own."""

    FULL = "full"  # a text of the same language
    BRIEF = "brief"  # the same language; a summary on one side or on both
    SHORT = "short"  # the same language; a headline against headlines
    ACROSS = "across"  # another language


@dataclass(frozen=True, slots=True)
class Report:
    """An article as it is compared: what it says, where and when."""

    profile: Profile
    source_id: str
    published: datetime


def regime(article: Report, members: Sequence[Report]) -> Regime:
    mine = article.profile
    same = [member.profile for member in members if member.profile.language == mine.language]
    if same:
        if not (mine.has_body and any(each.has_body for each in same)):
            return Regime.SHORT
        theirs = sum(member.profile.words for member in members) / len(members)
        return Regime.FULL if (mine.words + theirs) / 2 > SUMMARY else Regime.BRIEF
    return Regime.ACROSS


@dataclass(frozen=True, slots=True)
class Evidence:
    kind: Regime
    found: Mapping[str, float]

    @property
    def score(self) -> float:
        """The log odds of one event, above what pays best on the labelled sets; see `stories.LIKELY`."""
        weights = WEIGHTS[self.kind]
        return weights["bias"] + sum(
            self.found[name] * weight for name, weight in weights.items() if name != "bias"
        )


def compare(article: Report, stories: Sequence[Sequence[Report]]) -> list[Evidence]:
    """The evidence for each of the stories that may take the article, none of them empty.

    What the article has in common with the middle one of them is the crowd's, the topic of these days: on a day when all
    write of one border, the border's name says nothing.
    """
    found = [evidence(article, members) for members in stories]
    crowd = {
        f"crowd {name}": median(each[name] for each in found) if found else 0.0
        for name in ("vector", "words", "headline")
    }
    names = _telling([_shared_names(article.profile, members) for members in stories])
    sounds = _telling([_shared_sounds(article.profile, members) for members in stories])
    numbers = _telling([_shared_numbers(article.profile, members) for members in stories])
    return [
        Evidence(
            regime(article, members),
            {
                **each,
                **crowd,
                "telling names": names[n],
                "telling sounds": sounds[n],
                "telling numbers": numbers[n],
            },
        )
        for n, (members, each) in enumerate(zip(stories, found, strict=True))
    ]


def _shared_names(mine: Profile, members: Sequence[Report]) -> Weights:
    """Names that the article has in common with a member of its script, with their rarity."""
    alike = (member.profile.names for member in members if _one_script(mine, member.profile))
    return _shared(mine.names, alike)


def _shared_sounds(mine: Profile, members: Sequence[Report]) -> Weights:
    """... with a member of another script, by their consonants; only where there is none of its own."""
    if any(_one_script(mine, member.profile) for member in members):
        return {}
    return _shared(mine.skeletons, (member.profile.skeletons for member in members))


def _shared_numbers(mine: Profile, members: Sequence[Report]) -> Weights:
    return _shared(mine.numbers, (member.profile.numbers for member in members))


def _shared(mine: Weights, others: Iterable[Weights]) -> Weights:
    return {name: min(rare, each[name]) for each in others for name, rare in mine.items() if name in each}


def _telling(shared: Sequence[Weights]) -> list[float]:
    """By story, what it shares with the article: each the less, the more of the stories share it as well, for who is in all
    the news tells none apart."""
    spread = Counter(name for each in shared for name in each)
    others = max(1, len(shared) - 1)
    return [
        min(8.0, sum(rare * (1 - (spread[name] - 1) / others) for name, rare in each.items()))
        for each in shared
    ]


def series(article: Report, member: Report) -> bool:
    """Whether one outlet has both under one headline but for the day or the place: the weather, the stock exchange, prayer
    times; a quake at Midelt and one at Driouch."""
    mine, its = article.profile, member.profile
    if not article.source_id or article.source_id != member.source_id:
        return False
    other_day = mine.headline_days and its.headline_days and mine.headline_days != its.headline_days
    return bool(other_day or _differ(mine.headline_places, its.headline_places)) and (
        _dot(mine.headline_terms, its.headline_terms) >= SAME_FORM
    )


def _one_script(one: Profile, other: Profile) -> bool:
    return (one.language == "ar") == (other.language == "ar")


def unrelated(article: Report, member: Report) -> bool:
    """Whether one outlet headed both, and the headlines have nothing in common: then what the texts have in common may be
    the outlet's own furniture, the links and standing words around each article."""
    if not article.source_id or member.source_id != article.source_id:
        return False
    mine, its = article.profile, member.profile
    if mine.headline is not None and its.headline is not None and float(mine.headline @ its.headline) >= NEAR:
        return False
    return _dot(mine.headline_terms, its.headline_terms) < ALIKE


def evidence(article: Report, members: Sequence[Report]) -> dict[str, float]:
    """Each between 0 and about 3; names as in `weights`."""
    mine = article.profile
    others = [member.profile for member in members]
    same = [each for each in others if each.language == mine.language]
    foreign = [each for each in others if each.language != mine.language]
    return {
        **_vectors(mine, others),
        **_words(mine, same),
        **_facts(mine, others),
        "other script": float(bool(foreign) and not any(_one_script(mine, each) for each in foreign)),
        "days": _days(article, members),
        "own": _share(
            members, lambda member: bool(article.source_id) and member.source_id == article.source_id
        ),
        "size": math.log(len(others)),
        "brevity": _brevity(mine, others),
    }


def in_words(article: Report, member: Report) -> str:
    """What two reports have in common, for the ledger: "meaning 0.71, words 0.42, 2 numbers and 1 place in common"."""
    found = evidence(article, [member])
    mine, its = article.profile, member.profile
    parts = []
    if mine.vector is not None and its.vector is not None:
        parts.append(f"meaning {found['vector']:.2f}")
    if mine.language == its.language:
        parts.append(f"words {found['words']:.2f}")
    shared = {
        "number": len(mine.numbers.keys() & its.numbers.keys()),
        "place": len(mine.cities & its.cities) + len(mine.countries & its.countries),
        "name": len(mine.names.keys() & its.names.keys())
        or len(mine.skeletons.keys() & its.skeletons.keys()),
    }
    told = [f"{count} {what}{'s' if count > 1 else ''}" for what, count in shared.items() if count]
    return ", ".join([*parts, f"{' and '.join(told)} in common"] if told else parts)


def _vectors(mine: Profile, others: Sequence[Profile]) -> dict[str, float]:
    """Cosines with the members' mean, and with the nearest of them; as they come, and sharpened."""
    found = {name: 0.0 for each in ("vector", "sharp", "headline") for name in (each, f"nearest {each}")}
    raw = [each.vector for each in others if each.vector is not None]
    sharp = [each.sharp for each in others if each.sharp is not None]
    headlines = [each.headline for each in others if each.headline is not None]
    kinds = (
        ("vector", mine.vector, raw),
        ("sharp", mine.sharp, sharp),
        ("headline", mine.headline, headlines),
    )
    for name, vector, theirs in kinds:
        if vector is not None and theirs:
            cosines = np.array(theirs) @ vector
            mean = np.mean(theirs, axis=0)
            found[name] = float(mean @ vector) / (float(np.linalg.norm(mean)) or 1.0)
            found[f"nearest {name}"] = float(cosines.max())
    found["told by headline"] = _told_by_headline(mine, others)
    return found


def _told_by_headline(mine: Profile, others: Sequence[Profile]) -> float:
    """How near the headline of the one is to the text of the other, whichever way round is nearer."""
    if mine.vector is None or mine.headline is None:
        return 0.0
    theirs = [each for each in others if each.vector is not None and each.headline is not None]
    one = [float(mine.headline @ each.vector) for each in theirs if each.vector is not None]
    other = [float(mine.vector @ each.headline) for each in theirs if each.headline is not None]
    return max((*one, *other), default=0.0)


def _words(mine: Profile, same: Sequence[Profile]) -> dict[str, float]:
    if not same:
        return {"words": 0.0, "nearest words": 0.0, "names": 0.0, "headline words": 0.0}
    total: dict[int, float] = {}
    named: dict[int, float] = {}
    for each in same:
        for word, weight in each.terms.items():
            total[word] = total.get(word, 0.0) + weight
        for name in each.names:
            named[name] = named.get(name, 0.0) + 1 / len(same)
    length = math.sqrt(sum(weight * weight for weight in total.values())) or 1.0
    all_names = sum(mine.names.values())
    return {
        "words": _dot(mine.terms, total) / length,
        "nearest words": max(_dot(mine.terms, each.terms) for each in same),
        "names": _dot(mine.names, named) / all_names if all_names else 0.0,
        "headline words": max(_dot(mine.headline_terms, each.headline_terms) for each in same),
    }


def _facts(mine: Profile, others: Sequence[Profile]) -> dict[str, float]:
    """Numbers and places: in common, or both there and different. The latter as a share of the members."""
    return {
        "numbers": min(3.0, max(len(mine.numbers.keys() & each.numbers.keys()) for each in others)),
        "other numbers": _share(others, lambda each: _differ(mine.numbers.keys(), each.numbers.keys())),
        "cities": _share(others, lambda each: bool(mine.cities & each.cities)),
        "other cities": _share(others, lambda each: _differ(mine.cities, each.cities)),
        "countries": sum(_overlap(mine.countries, each.countries) for each in others) / len(others),
        "other countries": _share(others, lambda each: _differ(mine.countries, each.countries)),
        "headline places": sum(_overlap(mine.headline_places, each.headline_places) for each in others)
        / len(others),
        "other headline numbers": _share(
            others, lambda each: _differ(mine.headline_numbers, each.headline_numbers)
        ),
        "other headline places": _share(
            others, lambda each: _differ(mine.headline_places, each.headline_places)
        ),
        "other form": sum(_other_form(mine, each) for each in others) / len(others),
    }


def _other_form(mine: Profile, its: Profile) -> float:
    """How like two headlines are that name different places: one form, filled in twice."""
    if not _differ(mine.headline_places, its.headline_places):
        return 0.0
    if mine.language == its.language:
        return _dot(mine.headline_terms, its.headline_terms)
    if mine.headline is None or its.headline is None:
        return 0.0
    return max(0.0, float(mine.headline @ its.headline))


def _brevity(mine: Profile, others: Sequence[Profile]) -> float:
    """1 for no text, 1/2 for 10 words, near 0 for a page: of the shorter side. Long texts are alike for less."""
    return 1 / (1 + _shorter(mine, others) / 10)


def _shorter(mine: Profile, others: Sequence[Profile]) -> float:
    """Words of the article, or of the members on average, whichever has fewer."""
    return min(mine.words, sum(each.words for each in others) / len(others))


def _dot(one: Weights, other: Weights) -> float:
    return sum(weight * other[key] for key, weight in one.items() if key in other)


def _differ(one: Set[int], other: Set[int]) -> bool:
    return bool(one and other and not one & other)


def _overlap(one: frozenset[int], other: frozenset[int]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


def _share(members: Sequence[T], holds: Callable[[T], bool]) -> float:
    return sum(map(holds, members)) / len(members)


def _days(article: Report, members: Sequence[Report]) -> float:
    """To the nearest member, three days as 1."""
    nearest = min(abs((article.published - member.published).total_seconds()) for member in members)
    return min(1.0, nearest / 86400 / 3)
