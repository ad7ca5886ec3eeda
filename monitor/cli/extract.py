"""`monitor extract`: the refine room as a filter, an HTML page in and its article out as JSON. Reads nothing but what it
is given, and keeps nothing."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import print_json
from monitor.errors import MonitorError
from monitor.model import FetchPolicy, Purpose, Request

if TYPE_CHECKING:
    from monitor.refine import Extract

SHOWN = ("title", "body", "published", "language", "authors", "canonical")
DEADLINE = 20.0  # seconds for the extraction; fetching has its own


@click.command()
@click.argument("document", metavar="FILE|URL|-")
@click.option(
    "--url", help="The address that a file came from; the canonical address is resolved against it."
)
@click.option(
    "--article", "selector", metavar="CSS", help="Where the text stands, as a source's article says."
)
@click.option(
    "--allow-private", is_flag=True, help="Allow addresses of this machine and the intranet, and any port."
)
def extract(document: str, url: str | None, selector: str | None, allow_private: bool) -> None:
    """Read an HTML page; print the article in it as JSON.

    FILE is a path, - is standard input, URL is fetched (http or https). Prints {"title", "body", "published",
    "language", "authors", "canonical"}; `body` has a line a paragraph, `published` is ISO 8601 in UTC or null.
    """
    found = asyncio.run(_read(document, url, allow_private, selector))
    print_json({name: value for name, value in asdict(found).items() if name in SHOWN})
    for told in (found.note, "only its beginning: the rest is for subscribers" if found.walled else ""):
        if told:
            click.echo(f"note: {told}", err=True)


async def _read(document: str, url: str | None, allow_private: bool, selector: str | None) -> Extract:
    from monitor.refine import PRELOAD
    from monitor.refine import extract as extract_article
    from monitor.workers import Workers

    if document.startswith(("http://", "https://")):
        body, address, charset = await _fetch(document, allow_private)
    else:
        body, address, charset = _load(document), None, None
    async with Workers(count=1, preload=PRELOAD) as workers:
        try:
            return await workers.run(extract_article, DEADLINE, body, url or address, charset, selector)
        except MonitorError as error:
            raise MonitorError(f"{document}: {error}") from None


async def _fetch(document: str, allow_private: bool) -> tuple[bytes, str, str | None]:
    from monitor.collect import HttpFetcher, charset_of

    async with HttpFetcher(FetchPolicy(allow_private=allow_private)) as fetcher:
        response = await fetcher.fetch(Request(document, Purpose.PAGE))
    if response.failure:
        raise MonitorError(f"{document}: {response.failure.message}")
    return response.body, response.url, charset_of(response)


def _load(document: str) -> bytes:
    if document == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(document).read_bytes()
    except OSError as error:
        raise MonitorError(f"{document}: {error.strerror or error}") from None
