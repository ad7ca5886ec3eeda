"""The window in memory (`monitor cluster`) and the store (the daemon) find the same candidates for the same stream."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.judge import Window, place, traits
from monitor.model import Article, Candidates
from monitor.store import Store
from tests.build import make_article

WORDS = (
    "accord agence barrage bateau budget canal conseil coton dette digue école engrais exporte fleuve forage "
    "grève hôpital impôt incendie jardin marché métro ministre moisson navire neige olives orage phare plaine "
    "pluie pont port prison récolte réforme route sable séisme tempête tribunal usine vaccin vallée village vote"
).split()


def stream(seed: int, count: int, start: datetime) -> list[Article]:
    """Articles on few subjects, a fifth of them edited copies, two hours apart: some leave the window on the way."""
    chance = random.Random(seed)
    made: list[Article] = []
    for n in range(count):
        body = " ".join(chance.choices(WORDS[: 12 + seed], k=40))
        if made and chance.random() < 0.2:
            body = f"Rabat (MAP) - {chance.choice(made[-6:]).body}"
        moment = start + timedelta(hours=2 * n)
        title = " ".join(chance.choices(WORDS, k=5)).capitalize()
        source = f"outlet{chance.randrange(4)}"
        made.append(
            make_article(
                title,
                body,
                key=f"k/{n}",
                source_id=source,
                language="fr",
                published=moment,
                first_seen=moment,
            )
        )
    return made


def seen(found: Candidates) -> tuple[object, ...]:
    """Without the stories' numbers, which each holder gives as it likes."""
    near = [(each.id, each.duplicate_of) for each in found.near]
    return near, [[(m.id, m.profile, m.published) for m in each.members] for each in found.kin]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_window_and_the_store_bring_the_same_candidates(store: Store, now: datetime, seed: int) -> None:
    window = Window()
    told = 0
    for article in stream(seed, 45, now):
        found = traits(article)
        moment = article.first_seen
        here = window.candidates(article, found, moment)
        there = store.candidates(article, moment, found)
        assert seen(here) == seen(there)
        mine, its = place(article, here, found), place(article, there, found)
        assert mine.duplicate_of == its.duplicate_of
        window.add(article, found, mine.story, mine.duplicate_of)
        store.record(replace(its, traits=found), article.key, "h", moment)
        told += mine.story is not None
    assert told > 3  # the stream does hold copies and stories
