"""Spellings that the press may give a name: doubled letters, ou/u/oo, ch/sh, k/q, i/y, el-/al-, Abd el-, Latin to Arabic and back.

Called by `monitor entities variants`, which counts each in the archive and lets the analyst choose; never by matching.
Proposals only: what is not in the file does not count. Spellings that fold to the same words are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice

from monitor.text.tokens import fold, tokenise

WIDTH = 200  # spellings of a word that are followed further, the likeliest first
MOST = 800  # proposals from one name in one script
BUDGET = 3  # changes in one spelling, as `_Choice` prices them

_Choice = tuple[str, int]  # what is written, and how far it departs from the name

# --- Latin to Latin ---------------------------------------------------------------------------------------------------

_LATIN_UNITS = re.compile(r"kh|gh|ch|sh|th|dh|ou|oo|([a-z])\1|.")
_LATIN_CHOICES: dict[str, tuple[_Choice, ...]] = {
    "ou": (("ou", 0), ("u", 1), ("oo", 1), ("o", 2)),
    "oo": (("oo", 0), ("ou", 1), ("u", 1)),
    "u": (("u", 0), ("ou", 1), ("oo", 1)),
    "ch": (("ch", 0), ("sh", 1)),
    "sh": (("sh", 0), ("ch", 1)),
    "k": (("k", 0), ("q", 1)),
    "q": (("q", 0), ("k", 1)),
    "i": (("i", 0), ("y", 1)),
    "y": (("y", 0), ("i", 1)),
}
_DOUBLED = frozenset("bdfklmnrst")  # consonants that transliteration doubles, or not
_VOWELS = frozenset("aeiouy")
_ARTICLES = frozenset({"al", "el"})
_SONS = frozenset({"ben", "bin", "ibn", "b"})
_ABD = re.compile(r"abd(?:[aeu]l)?")


def _latin_units(word: str) -> Iterator[tuple[_Choice, ...]]:
    units = [found[0] for found in _LATIN_UNITS.finditer(word)]
    for number, unit in enumerate(units):
        if len(unit) == 2 and unit[0] == unit[1] and unit not in _LATIN_CHOICES:
            yield ((unit, 0), (unit[0], 1))
        elif unit in _DOUBLED and 0 < number < len(units) - 1 and _between_vowels(units, number):
            yield (*_LATIN_CHOICES.get(unit, ((unit, 0),)), (unit * 2, 1))
        else:
            yield _LATIN_CHOICES.get(unit, ((unit, 0),))


def _between_vowels(units: list[str], number: int) -> bool:
    return units[number - 1][-1] in _VOWELS and units[number + 1][0] in _VOWELS


def _latin_names(words: tuple[str, ...], person: bool) -> list[_Choice]:
    """The whole name in other Latin spellings."""
    parts: list[Iterable[_Choice]] = []
    for number, word in enumerate(words):
        last = number == len(words) - 1
        if word in _ARTICLES and not last:
            parts.append([("al", 0), ("el", 0), *([("", 1)] if number else [])])
        elif word in _SONS and number:
            parts.append([("bin", 0), ("ben", 0), ("ibn", 1)])
        else:
            bare = (choice for choice in _spellings(tuple(_latin_units(word))))
            choices = [*bare, *_servant(word)]
            if person and last and number and words[number - 1] not in _ARTICLES:
                choices += [(f"{article} {word}", 1) for article in ("el", "al")]
            parts.append(choices)
    return _joined(parts, " ")


def _servant(word: str) -> Iterator[_Choice]:
    """Abdellatif as Abd el-Latif, Abdul Latif, Abdel Latif ..."""
    found = _ABD.match(word)
    rest = word[found.end() :] if found else ""
    if len(rest) < 3:
        return
    for prefix, cost in (
        ("abdel ", 1),
        ("abd el ", 1),
        ("abdul ", 1),
        ("abdul", 1),
        ("abdel", 1),
        ("abdal", 2),
    ):
        yield f"{prefix}{rest}", cost


# --- Latin to Arabic --------------------------------------------------------------------------------------------------

_TO_ARABIC_UNITS = re.compile(r"kh|gh|ch|sh|th|dh|ou|oo|ee|ai|ay|ei|aa|ia|([a-z])\1|.")
_TO_ARABIC: dict[str, tuple[_Choice, ...]] = {
    "kh": (("خ", 0),), "gh": (("غ", 0),), "ch": (("ش", 0),), "sh": (("ش", 0),), "th": (("ث", 0), ("ت", 1)),
    "dh": (("ض", 0), ("ظ", 1), ("ذ", 1)), "ou": (("و", 0), ("", 1)), "oo": (("و", 0),), "u": (("و", 0), ("", 1)),
    "o": (("و", 0), ("", 1)), "ee": (("ي", 0),), "ai": (("ي", 0), ("اي", 1)), "ay": (("ي", 0), ("اي", 1)),
    "ei": (("ي", 0),), "aa": (("ا", 0),), "ia": (("يا", 0), ("ية", 1)), "i": (("ي", 0), ("", 1)), "y": (("ي", 0),),
    "a": (("", 0), ("ا", 0)), "e": (("", 0),), "b": (("ب", 0),), "c": (("ك", 0), ("س", 1)), "d": (("د", 0), ("ض", 1)),
    "f": (("ف", 0),), "g": (("ج", 0), ("ك", 1), ("غ", 1)), "h": (("ح", 0), ("ه", 0)), "j": (("ج", 0),),
    "k": (("ك", 0), ("ق", 1)), "l": (("ل", 0),), "m": (("م", 0),), "n": (("ن", 0),), "p": (("ب", 0),),
    "q": (("ق", 0),), "r": (("ر", 0),), "s": (("س", 0), ("ص", 1)), "t": (("ت", 0), ("ط", 0)), "v": (("ف", 0),),
    "w": (("و", 0),), "x": (("كس", 0),), "z": (("ز", 0), ("ظ", 1)),
}  # fmt: skip


def _to_arabic_units(word: str) -> Iterator[tuple[_Choice, ...]]:
    units = [found[0] for found in _TO_ARABIC_UNITS.finditer(word)]
    for number, unit in enumerate(units):
        if number == 0 and unit[0] in "aeiou":
            yield (("ا", 0), ("ع", 0)) if unit[0] in "ae" else (("ا", 0), ("ع", 1))
        elif number == len(units) - 1 and unit == "a":
            yield ("ة", 0), ("ا", 0)
        elif number < len(units) - 1 and unit == "ia":
            yield ("يا", 0), ("ي", 1)
        else:
            yield _TO_ARABIC.get(unit) or _TO_ARABIC.get(unit[0]) or (("", 0),)


def _arabic_names(words: tuple[str, ...]) -> list[_Choice]:
    """A Latin name in Arabic letters."""
    parts: list[Iterable[_Choice]] = []
    article = ""
    for number, word in enumerate(words):
        servant = _ABD.match(word)
        if word in _ARTICLES and number + 1 < len(words):
            article = "ال"
            continue
        if word in _SONS and number:
            parts.append([("بن", 0)])
        elif servant and len(word) - servant.end() >= 3:
            rest = word[servant.end() :]
            spelt = _spellings(tuple(_to_arabic_units(rest)))
            # Abdelatif: the l of the article was that of Latif too
            spelt += [(f"ل{text}", cost) for text, cost in spelt if rest[0] in _VOWELS]
            parts.append([(f"عبد ال{text}", cost) for text, cost in spelt])
        else:
            parts.append([(article + text, cost) for text, cost in _spellings(tuple(_to_arabic_units(word)))])
        article = ""
    return _joined(parts, " ")


# --- Arabic to Arabic, and to Latin -----------------------------------------------------------------------------------


def _arabic_spellings(words: tuple[str, ...], person: bool) -> list[_Choice]:
    """A person's Arabic name without ال before its last word (which finds it with ال too), and عبد ال joined or apart."""
    forms = [" ".join(words)]
    bare = words[-1].removeprefix("ال")
    if person and len(words) > 1 and len(bare) > 2:
        forms = [" ".join((*words[:-1], bare))]
    forms += [form.replace("عبد ال", "عبدال") for form in forms]
    forms += [re.sub(r"\bعبدال", "عبد ال", form) for form in forms]
    return [(form, 0) for form in dict.fromkeys(forms)]


_TO_LATIN: dict[str, tuple[_Choice, ...]] = {
    "ا": (("a", 0),), "ب": (("b", 0),), "ت": (("t", 0),), "ث": (("th", 0), ("t", 1)), "ج": (("j", 0),), "ح": (("h", 0),),
    "خ": (("kh", 0),), "د": (("d", 0),), "ذ": (("dh", 0), ("d", 1)), "ر": (("r", 0),), "ز": (("z", 0),), "س": (("s", 0),),
    "ش": (("ch", 0), ("sh", 0)), "ص": (("s", 0),), "ض": (("d", 0), ("dh", 1)), "ط": (("t", 0),), "ظ": (("z", 0), ("dh", 1)),
    "ع": (("a", 0), ("", 0)), "غ": (("gh", 0),), "ف": (("f", 0),), "ق": (("q", 0), ("k", 0)), "ك": (("k", 0),),
    "ل": (("l", 0),), "م": (("m", 0),), "ن": (("n", 0),), "ه": (("h", 0), ("a", 1)), "و": (("ou", 0), ("u", 0), ("w", 1)),
    "ي": (("i", 0), ("y", 1)), "ء": (("", 0),),
}  # fmt: skip
_LONG = frozenset("اوي")
_FIRST_VOWEL: tuple[_Choice, ...] = (("a", 0), ("e", 0), ("o", 1), ("i", 1), ("", 2))
_LATER_VOWEL: tuple[_Choice, ...] = (("", 0), ("a", 0), ("e", 1), ("o", 2), ("i", 2))


def _to_latin_units(word: str) -> Iterator[tuple[_Choice, ...]]:
    """Letter by letter; between two consonants the vowel that Arabic does not write, and doubling it does not show."""
    for number, letter in enumerate(word):
        yield _TO_LATIN.get(letter, (("", 0),))
        following = word[number + 1] if number + 1 < len(word) else ""
        if letter in _LONG or not following:
            continue
        if following not in _LONG:
            yield _FIRST_VOWEL if number == 0 else _LATER_VOWEL
        elif number and len(_TO_LATIN.get(letter, (("", 0),))[0][0]) == 1:
            # the consonant may be doubled, and a vowel stand before: حموشي, Hammouchi
            yield ("", 0), (_TO_LATIN[letter][0][0], 1)


def _from_arabic(words: tuple[str, ...]) -> list[_Choice]:
    """An Arabic name in Latin letters."""
    parts: list[Iterable[_Choice]] = []
    servant = False
    for number, word in enumerate(words):
        bare = word.removeprefix("ال") if len(word) > 4 else word
        spelt = _spellings(tuple(_to_latin_units(bare)))
        if word == "عبد" and number + 1 < len(words):
            servant = True
            continue
        if word == "بن" and number:
            parts.append([("bin", 0), ("ben", 0)])
        elif servant or word.startswith("عبدال"):
            rest = spelt if servant else _spellings(tuple(_to_latin_units(word.removeprefix("عبدال"))))
            parts.append(
                [
                    (f"{prefix}{text}", cost)
                    for text, cost in rest
                    for prefix in ("abdel", "abdul ", "abd el ")
                ]
            )
        elif bare != word:
            parts.append(
                [(f"{article}{text}", cost) for text, cost in spelt for article in ("el ", "al ", "")]
            )
        else:
            parts.append(spelt)
        servant = False
    return _joined(parts, " ")


# --- all together -----------------------------------------------------------------------------------------------------


def propose(name: str, *, person: bool = True) -> list[str]:
    """Other spellings of one name, in its own script and the other, the likeliest first; never the name itself.

    `name` as the analyst writes it. An acronym, and a name with digits, has none. person: an article may stand before
    the last word.
    """
    words = tokenise(name).words
    if not words or _is_acronym(name) or any(not word.isalpha() for word in words):
        return []
    if "\u0621" <= words[0][0] <= "\u064a":
        found = [(_arabic_spellings(words, person), False), (_from_arabic(words), True)]
    else:
        found = [(_latin_names(words, person), True), (_arabic_names(words), False)]
    proposed: dict[str, str] = {fold(name): ""}
    for choices, latin in found:
        ranked = sorted(choices, key=lambda choice: choice[1])
        for text, _ in islice(ranked, MOST):
            proposed.setdefault(fold(text), _capitalised(text) if latin else text)
    return [text for text in proposed.values() if text]


def _is_acronym(name: str) -> bool:
    letters = [char for char in name if char.isalpha()]
    return len(letters) <= 6 and all(char.isupper() for char in letters)


def _capitalised(text: str) -> str:
    return " ".join(word.capitalize() for word in text.split())


@lru_cache(maxsize=1 << 10)
def _spellings(units: tuple[tuple[_Choice, ...], ...]) -> list[_Choice]:
    return _joined(units, "")


def _joined(parts: Iterable[Iterable[_Choice]], between: str) -> list[_Choice]:
    """Every way through the parts within the budget; the WIDTH cheapest of each beginning."""
    reached: dict[str, int] = {"": 0}
    for part in parts:
        choices = list(part)
        following: dict[str, int] = {}
        for text, cost in reached.items():
            for added, price in choices:
                if cost + price <= BUDGET:
                    whole = f"{text}{between}{added}" if text and added else text + added
                    following[whole] = min(cost + price, following.get(whole, BUDGET))
        reached = dict(sorted(following.items(), key=lambda pair: pair[1])[: WIDTH if not between else MOST])
    return list(reached.items())
