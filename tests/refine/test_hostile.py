"""Pages made to hurt: each is bounded by its worker, whose neighbours never notice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.errors import ParseError, WorkerFailed
from monitor.model import Article
from monitor.refine import PRELOAD, Extract, extract, refine
from monitor.workers import Workers
from tests.build import make_item, make_source

DEADLINE = 0.5
TOLD = (
    "refused, too complex",
    "extract: killed at its deadline of 0.5 s",
    "extract: out of memory",
    "not an HTML page",
)
PAGES = {
    "attributes": b"<div " + b" ".join(b"a%d=1" % number for number in range(60_000)) + b"><p>x</p></div>",
    "depth": b"<div>" * 100_000 + b"<p>x</p>",
    "openers": b"<" * 1_000_000,
    "links": b"<ul>" + b"<li><a href=x>Lire aussi</a> x</li>" * 20_000,
}


async def outcome(workers: Workers, page: bytes) -> Extract | str:
    try:
        return await workers.run(extract, DEADLINE, page)
    except (WorkerFailed, ParseError) as error:
        return str(error)


@pytest.mark.slow
async def test_a_hostile_page_costs_at_most_its_deadline() -> None:
    async with Workers(count=2, preload=PRELOAD) as workers:
        for name, page in PAGES.items():
            found = await outcome(workers, page)
            assert isinstance(found, Extract) or found.startswith(TOLD), (name, found)
        article = await workers.run(
            refine, 10, make_item(), make_source(), None, None, "", datetime(2026, 4, 21, tzinfo=UTC), False
        )
        assert isinstance(article, Article)


@pytest.mark.parametrize("name", ["attributes", "openers"])
async def test_a_page_that_libraries_take_half_a_minute_over_is_refused_at_once(name: str) -> None:
    async with Workers(count=1, preload=PRELOAD) as workers:
        with pytest.raises(ParseError, match="too complex to be an article's page"):
            await workers.run(extract, 0.5, PAGES[name])


@pytest.mark.parametrize(
    "sign",
    [
        "\x0b",
        "\x0c",
        "\x1c",
        "\x1f",
        "\0",
        "&#11;",
        "&#12;",
        "&#31;",
        "&#x1D;",
        "&#0;",
        "&#xFFFE;",
        "\ufffe",
        "\uffff",
    ],
)
@pytest.mark.parametrize("place", ["<h1>Le mi", "<p>Le mi", "<title>Le mi", "<a>Ac"])
def test_no_control_character_makes_a_page_unreadable(place: str, sign: str) -> None:
    """Found by drawing: Python takes some for blanks, lxml takes them for no text at all."""
    text = "Le ministre a reçu à Doha son homologue, puis les chefs des services, jusqu'au soir du lundi."
    page = f"<title>Le ministre</title><a>Accueil</a><article><h1>Le ministre</h1><p>{text}</p><p>{text[::-1]}</p></article>"
    found = extract(page.replace(place, place + sign).encode("utf-8"), "https://gazette.example.org/1")
    assert "homologue" in found.body
    assert found.title.replace(" ", "").replace("�", "") == "Leministre"
