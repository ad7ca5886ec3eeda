"""Article -> Traits: what the store keeps of an article so that later ones can be compared with it.

Called by the pipeline before it asks the store for candidates, and by `monitor cluster`. Pure; the slowest step of judging,
for it computes the sentence vector.
"""

from __future__ import annotations

from monitor.judge.fingerprint import sketch, text_of, words_of
from monitor.judge.profile import features, handles, written
from monitor.judge.provenance import credit
from monitor.model import Article, Traits


def traits(article: Article) -> Traits:
    """Empty for an article without a word."""
    words = words_of(text_of(article))
    if not words:
        return Traits()
    found = features(article)
    said = credit(article)
    return Traits(sketch(words), handles(found), written(found), said.agency, said.how)
