"""Which language a text is written in. Called by refine for each article, and by whoever compares texts.

The script decides first (it is cheap and never wrong), the model of py3langid second, and what the source says of itself
(the hint) where a text is too short to tell. Offline; the model is loaded once a process, on first use.
"""

from __future__ import annotations

import re
from functools import cache

from monitor.text.ngrams import NGrams, read_model

# What the press we read is written in, and what is most easily taken for it. Fewer candidates, fewer wrong guesses:
# over all of the model's languages a French headline may come out as Walloon or Haitian.
LANGUAGES = tuple(
    "ar cs da de el en es fa fi fr he hi hu id it ja ko nl no pl pt ro ru sv tr uk ur zh".split()
)
SCRIPT_LETTERS = 1_000  # characters that are looked at for their script
MODEL_LETTERS = 500  # ... that the model is shown. More costs time; of 21,492 texts 57 came out otherwise, which begin with a
# style sheet
FEWEST_LETTERS = 3
SHORT_WORDS = 6  # with fewer the hint weighs more than the model

_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_ARABIC = re.compile(r"[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")
_OTHER = re.compile(r"[\u0370-\u05ff\u0900-\u0dff\u0e00-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Letters that Persian and Urdu have and Arabic has not; Urdu's own settle between the two
_PERSIAN = re.compile(r"[پچژگکی]")
_URDU = re.compile(r"[ٹڈڑںہھےۓ]")
_WORD = re.compile(r"[^\W\d_]+")
_TAG = re.compile(r"[a-z]{2}(?=$|[-_])")
# Languages of one script: a hint is believed only where the text is written in a script of its language
_ARABIC_SCRIPT = frozenset({"ar", "fa", "ur", "ps", "ckb", "ug", "sd"})
_OTHER_SCRIPT = frozenset("el he hi ja ko ru uk bg sr mk be ka hy zh th ta te bn mr ne".split())


def detect(text: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language, or None where there is too little text (and no hint that fits its script).

    `hint` is what the source or the page says: a code or tag (`fr`, `fr-MA`); anything else is ignored.
    """
    text = text[:SCRIPT_LETTERS]
    said = language_tag(hint)
    script = _script(text)
    if script is None:
        return None
    fits = said is not None and script == _script_of(said)
    if script == "arabic":
        return _in_arabic_script(text, said if fits else None)
    if fits and len(_WORD.findall(text)) < SHORT_WORDS:
        return said
    shown = text[:MODEL_LETTERS]
    guess = _model().likeliest(shown.lower() if _is_shouted(shown) else shown)
    return guess if guess is not None and _script_of(guess) == script else (said if fits else None)


def language_tag(tag: str | None) -> str | None:
    """The language of a tag such as `fr-FR`, `ar_MA` or `EN`; None where it is none."""
    found = _TAG.match((tag or "").strip().lower())
    return found.group() if found else None


def _script(text: str) -> str | None:
    """The script that most letters belong to; None where there are too few letters."""
    counts = {
        "latin": len(_LATIN.findall(text)),
        "arabic": len(_ARABIC.findall(text)),
        "other": len(_OTHER.findall(text)),
    }
    script = max(counts, key=counts.__getitem__)
    return script if counts[script] >= (2 if script == "other" else FEWEST_LETTERS) else None


def _is_shouted(text: str) -> bool:
    """Mostly capitals, which the model has seen little of."""
    return sum(map(str.isupper, text)) > sum(map(str.islower, text))


def _script_of(language: str) -> str:
    if language in _ARABIC_SCRIPT:
        return "arabic"
    return "other" if language in _OTHER_SCRIPT else "latin"


def _in_arabic_script(text: str, hint: str | None) -> str:
    """Arabic unless a good part of the words has letters that Arabic lacks: a foreign name may bring a few."""
    words = _WORD.findall(text)
    foreign = sum(1 for word in words if _PERSIAN.search(word) or _URDU.search(word))
    if foreign * 5 < len(words) or sum(map(_has_article, words)) * 10 >= len(words):
        return "ar"
    if hint is not None and (hint != "ar" or len(words) < SHORT_WORDS):
        return hint
    urdu = sum(1 for word in words if _URDU.search(word))
    return "ur" if urdu * 10 >= len(words) else "fa"


def _has_article(word: str) -> bool:
    """Arabic has it on every few words. Many write it with a Persian keyboard, whose ye and kaf prove nothing then."""
    return word.startswith(("ال", "وال", "بال", "لل"))


@cache
def _model() -> NGrams:
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    return read_model(MODEL_DIR / MODEL_FILE, LANGUAGES)
