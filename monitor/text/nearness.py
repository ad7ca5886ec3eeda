"""Which of the articles found through an index are looked at: one rule for the database and for `monitor cluster`.

Called by whoever holds the postings (hash -> articles that have it). Pure; never reads them itself, and never decides
whether two articles belong together.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain

POSTINGS = 64  # newest articles a hash is followed to: what more of them share is in every article of the day
COPIES = 12  # articles whose text is compared
MARGIN = 1e-8  # more than rounding moves a weight
SHARED = 2  # hashes of a sketch, at least
RELATIVES = 48  # articles whose stories are looked at
STORIES = 12
FIRST, LAST = 4, 8  # members of a large story that stand for it


def copies(postings: Mapping[int, Sequence[int]]) -> list[int]:
    """Ids of the articles that share the most hashes, the older first among equals."""
    shared = Counter(chain.from_iterable(postings.values()))
    found = [article for article, count in shared.items() if count >= SHARED]
    return sorted(found, key=lambda article: (-shared[article], article))[:COPIES]


def relatives(postings: Mapping[int, Sequence[int]]) -> list[int]:
    """Ids of the articles that share the rarest handles, the newer first among equals."""
    weight: defaultdict[int, float] = defaultdict(float)
    for articles in postings.values():
        share = 1 / (2 + len(articles))
        for article in articles:
            weight[article] += share
    least = 0.0
    if len(weight) > RELATIVES:
        least = sorted(weight.values(), reverse=True)[RELATIVES - 1] - MARGIN
    # rounded, for the order of a sum must not decide
    ranked = sorted(
        ((round(sum, 9), article) for article, sum in weight.items() if sum >= least), reverse=True
    )
    return [article for _, article in ranked[:RELATIVES]]


def sample(members: Sequence[int], related: Collection[int] = ()) -> list[int]:
    """Of a story's articles those that stand for it, in the order of their ids: the first, the last, and the related ones
    (of `relatives`), for of a large story they are the nearest."""
    ordered = sorted(members)
    if len(ordered) <= FIRST + LAST:
        return ordered
    return sorted({*ordered[:FIRST], *ordered[-LAST:], *(each for each in ordered if each in related)})
