"""Which fetcher an address goes to, and requests that are kept apart."""

from __future__ import annotations

import asyncio

from monitor.collect import Fetchers
from monitor.collect.fetchers import Spaced
from monitor.model import FailureKind, FetchPolicy, Request
from tests.fakes import FakeFetcher

URL = "https://api.gdeltproject.org/api/v2/doc/doc?query=x"


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


async def test_requests_to_one_service_start_as_far_apart_as_it_wants() -> None:
    time = Time()
    far = FakeFetcher({URL: b"{}"})
    spaced = Spaced(far, 5.0, lambda: time.now, time.sleep)
    await asyncio.gather(*(spaced.fetch(Request(URL)) for _ in range(3)))
    assert (len(far.requests), time.slept) == (3, [5.0, 5.0])
    time.now += 3  # what has passed by itself is not waited again
    await spaced.fetch(Request(URL))
    assert time.slept[2:] == [2.0]


async def test_gdelt_is_kept_apart_and_other_hosts_are_not() -> None:
    async with Fetchers(FetchPolicy()) as fetchers:
        apart, web, mail = (
            fetchers._fetcher(url)
            for url in (URL, "https://gazette.example.org/", "imaps://reader@mail.example.org/")
        )
    assert isinstance(apart, Spaced)
    assert apart._seconds >= 5
    assert [type(each).__name__ for each in (web, mail)] == ["HttpFetcher", "MailFetcher"]


async def test_an_address_that_is_none_is_refused_by_the_guard() -> None:
    async with Fetchers(FetchPolicy()) as fetchers:
        response = await fetchers.fetch(Request("http://[::1/"))
    assert response.failure
    assert response.failure.kind is FailureKind.REFUSED
