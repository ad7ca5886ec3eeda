"""Article -> Traits: what the store keeps of an article so that later ones can be compared with it.

Called by the pipeline before it asks the store for candidates, and by `monitor cluster`. Pure; the slowest step of judging,
for it computes the sentence vector.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.judge.fingerprint import sketch, text_of, words_of
from monitor.judge.profile import encoded, features, handles, written
from monitor.judge.provenance import credit
from monitor.model import Article, Traits
from monitor.text.vectors import vectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def traits(article: Article) -> Traits:
    """Empty for an article without a word."""
    return traits_of((article,))[0]


def traits_of(articles: Sequence[Article]) -> list[Traits]:
    """Of each, in order. Together they cost less than one by one: see `vectors`."""
    found = vectors([text for each in articles for text in encoded(each)])
    return [_traits(each, found[2 * at : 2 * at + 2]) for at, each in enumerate(articles)]


def _traits(article: Article, known: Sequence[NDArray[np.float32] | None]) -> Traits:
    words = words_of(text_of(article))
    if not words:
        return Traits()
    found = features(article, known)
    said = credit(article)
    return Traits(sketch(words), handles(found), written(found), said.agency, said.how)
