"""Our reading of py3langid's model answers as py3langid does, on texts of many scripts and on noise."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

from monitor.text.language import LANGUAGES
from monitor.text.ngrams import NGrams, read_model

TEXTS = (
    "Le ministre a reçu à Rabat une délégation de la chambre de commerce, selon un communiqué.",
    "El puerto abrirá una segunda terminal el año que viene, dijo la alcaldesa de la ciudad.",
    "The authority said on Monday that it would publish the figures of the third quarter.",
    "قالت الهيئة في بيان إن الميناء الجديد سيفتح أبوابه في الربيع المقبل أمام السفن",
    "Der Hafen wird im Frühjahr eröffnet.",
    "Порт откроется весной.",
    "港は春に開かれる。",
    "LE PORT OUVRE",
    "é́ ﬁ ½ ㎏",
)


@cache
def theirs() -> Any:
    model = LanguageIdentifier.from_model_file(MODEL_FILE)
    model.set_languages(LANGUAGES)
    return model


@cache
def ours() -> NGrams:
    return read_model(MODEL_DIR / MODEL_FILE, LANGUAGES)


def test_each_text_has_the_language_that_the_library_gives_it() -> None:
    for text in (*TEXTS, *(text[at:][:40] for text in TEXTS for at in (3, 11, 29) if text[at:])):
        found = ours().likeliest(text)
        # of a text without anything it knows the library says the first of its languages
        assert found == theirs().classify(text)[0] or (found is None and len(text) <= 2), text


def test_noise_is_counted_as_the_library_counts_it() -> None:
    chance = random.Random(7)
    letters = "".join(TEXTS) + "\0\x7f\u0301\U0001f600\ud800"
    for _ in range(300):
        noise = "".join(chance.choices(letters, k=chance.randrange(1, 60)))
        found = ours().likeliest(noise)
        assert found is None or found == theirs().classify(noise)[0], repr(noise)


def test_without_any_sequence_that_the_model_knows_nothing_is_guessed() -> None:
    assert ours().likeliest("") is None
    assert ours().likeliest("\0\0\0") is None
