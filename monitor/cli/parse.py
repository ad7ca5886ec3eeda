"""`monitor parse`: the collect room as a filter, a document in and its items out as JSON. Reads nothing but what it is given."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from monitor.cli.output import print_json
from monitor.errors import MonitorError
from monitor.model import FailureKind, Feed, FetchPolicy, Item, Request, SourceKind

DEADLINE = 20.0  # seconds for the parsing; fetching has its own
KINDS = {"auto": SourceKind.FEED, **{kind.value: kind for kind in SourceKind}}


@click.command()
@click.argument("document", metavar="FILE|URL|-")
@click.option("--url", help="The address that a file came from; relative links are resolved against it.")
@click.option(
    "--kind", type=click.Choice(list(KINDS)), default="auto", help="What it is (default: what it looks like)."
)
@click.option(
    "--allow-private", is_flag=True, help="Allow addresses of this machine and the intranet, and any port."
)
def parse(document: str, url: str | None, kind: str, allow_private: bool) -> None:
    """Read a feed, sitemap or JSON Feed document; print its items as JSON.

    FILE is a path, - is standard input, URL is fetched (http or https). Prints {"kind", "title", "items", "problems"};
    an item has id, url, title, summary, published (ISO 8601 in UTC, or null) and authors.
    """
    feed = asyncio.run(_read(document, url, KINDS[kind], allow_private))
    print_json(
        {
            "kind": feed.kind,
            "title": feed.title,
            "items": [_as_json(item) for item in feed.items],
            **({"links": list(feed.links)} if feed.links else {}),
            "problems": list(feed.problems),
        }
    )


def _as_json(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "summary": item.summary or item.content,
        "published": item.published,
        "authors": list(item.authors),
    }


async def _read(document: str, url: str | None, kind: SourceKind, allow_private: bool) -> Feed:
    from monitor.collect import parse as parse_document
    from monitor.workers import Workers

    if document.startswith(("http://", "https://")):
        arguments = await _fetch(document, kind, url, allow_private)
    else:
        arguments = (_load(document), kind, url or "", "", None)
    async with Workers(count=1) as workers:
        with _named(document):
            return await workers.run(parse_document, DEADLINE, *arguments)


Arguments = tuple[bytes, SourceKind, str, str, str | None]


async def _fetch(document: str, kind: SourceKind, url: str | None, allow_private: bool) -> Arguments:
    from monitor.collect import HttpFetcher, charset_of

    async with HttpFetcher(FetchPolicy(allow_private=allow_private)) as fetcher:
        response = await fetcher.fetch(Request(document))
    if response.failure:
        refused = response.failure.kind is FailureKind.REFUSED and not allow_private
        hint = " (--allow-private allows it)" if refused else ""
        raise MonitorError(f"{document}: {response.failure.message}{hint}")
    return response.body, kind, url or response.url, response.media_type, charset_of(response)


def _load(document: str) -> bytes:
    if document == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(document).read_bytes()
    except OSError as error:
        raise MonitorError(f"{document}: {error.strerror or error}") from None


@contextmanager
def _named(document: str) -> Iterator[None]:
    """An error says of which document it speaks."""
    try:
        yield
    except MonitorError as error:
        raise MonitorError(f"{document}: {error}") from None
