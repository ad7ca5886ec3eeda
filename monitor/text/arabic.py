"""Arabic proclitics: which words a folded Arabic token can be read as once و ف, ب ك ل س, ال and لل are taken off.

A term of a query is looked up among these readings, so it is found behind any proclitic, alone or combined, while its
own letters are never cut. Called by the index of an article (judge).
"""

from __future__ import annotations

from functools import lru_cache

CONJUNCTIONS = "وف"
PREPOSITIONS = "بكلس"
PROCLITICS = CONJUNCTIONS + PREPOSITIONS + "ا"  # and the ل of the article, a preposition too
SHORTEST = 2  # letters that must remain: a single one is no word


@lru_cache(maxsize=1 << 16)
def readings(word: str) -> tuple[str, ...]:
    """The word itself first, then each word it may be after its proclitics. `word` is folded.

    للامن is read as لامن, الامن (the alef that writing drops is restored) and امن.
    """
    if not ("\u0621" <= word[:1] <= "\u064a"):
        return (word,)
    found = {word: None}
    stems = [word]
    if word[0] in CONJUNCTIONS:
        stems.append(word[1:])
    for stem in tuple(stems):
        stems += _after_preposition(stem)
    for stem in stems:
        found[stem] = None
        if stem.startswith("ال"):
            found[stem[2:]] = None
    return (word, *(form for form in found if form != word and len(form) >= SHORTEST))


def _after_preposition(stem: str) -> list[str]:
    if stem[:1] not in PREPOSITIONS or len(stem) < 2:
        return []
    if stem.startswith("لل"):
        # ل + ال + X is written للX, and للX also where X begins with ل itself (للجنة = ل + اللجنة)
        return [stem[1:], stem[2:], "ا" + stem[1:], "ا" + stem]
    return [stem[1:]]


@lru_cache(maxsize=1 << 16)
def inner_readings(word: str) -> tuple[str, ...]:
    """As `readings` for a word inside a phrase: only the article may precede it.

    قطر والمغرب is not the phrase قطر المغرب, but مدير عام is found in المدير العام.
    """
    return (word, word[2:]) if word.startswith("ال") and len(word) >= SHORTEST + 2 else (word,)


def without_proclitics(word: str) -> str:
    """One form for all the words that a proclitic can set apart: equal for a word and each of its `readings`.

    Radicals go too where they look like proclitics, so different words can be equal here: use it to preselect only.
    """
    return word.lstrip(PROCLITICS)
