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
