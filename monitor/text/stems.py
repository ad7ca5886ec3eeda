"""What a word may be once its inflection is taken off, by Snowball for the language of the text.

Called by the operator `stem:` for queries and articles alike. A word has several stems rather than one: accents are
missing in capitals and in haste, so the word is stemmed as written and as folded; two words agree when they share one.
"""

from __future__ import annotations

from functools import lru_cache

from monitor.text.arabic import readings
from monitor.text.fold import fold_word

# ISO 639-1 -> Snowball's name, of the languages that detection knows
ALGORITHMS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish", "fi": "finnish",
    "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
UNKNOWN = ("french", "english", "spanish")  # for Latin letters in a text whose language is not known
CUT_BEGINNINGS = frozenset(
    {"arabic", "dutch", "indonesian"}
)  # the others take endings off, and keep the first letter
LONGEST = 40  # letters; what is longer is no word that inflects


def stem_languages(word: str, language: str | None) -> tuple[str, ...]:
    """Snowball's algorithms for a word: its script outweighs the language of the text around it."""
    if "\u0621" <= word[:1] <= "\u064a":
        return ("arabic",)
    known = ALGORITHMS.get((language or "").partition("-")[0].lower())
    return (known,) if known not in (None, "arabic") else UNKNOWN


def possible_languages(word: str) -> tuple[str, ...]:
    """The algorithms that `stem_languages` may name for a word, whatever the language of the text."""
    if "\u0621" <= word[:1] <= "\u064a":
        return ("arabic",)
    return tuple(name for name in ALGORITHMS.values() if name != "arabic")


@lru_cache(maxsize=1 << 17)
def stems(written: str, algorithm: str, attached: bool) -> frozenset[str]:
    """The folded stems of one word as written; the folded word itself where there is nothing to take off.

    `attached`: Arabic proclitics may stand before it. A term's own letters, and a word inside a phrase, are not cut.
    """
    folded = fold_word(written)
    if not folded or len(folded) > LONGEST:
        return frozenset((folded,))
    import snowballstemmer  # 4 MB, where no query asks for stems

    # a stemmer keeps state between its calls, and making one costs nothing
    stemmer = snowballstemmer.stemmer(algorithm)
    found = {fold_word(stemmer.stemWord(written.lower()))}
    for form in readings(folded) if attached else (folded,):
        once = stemmer.stemWord(form)
        found.add(fold_word(once))
        if algorithm == "arabic":
            # a sound plural leaves the relative ending behind: إرهابيون, إرهابي, إرهاب
            found.add(fold_word(stemmer.stemWord(once)))
    return frozenset(found - {""}) or frozenset((folded,))
