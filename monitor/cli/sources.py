"""`monitor sources`: how the sources are, as the store remembers them, and one read now without recording anything."""

from __future__ import annotations

import asyncio
import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.add import add
from monitor.cli.output import config_option, harmless, output_option, print_json, print_table
from monitor.errors import EXIT_FAILED, EXIT_OK, MonitorError, ParseError, StoreAbsent, UsageError
from monitor.model import (
    Article,
    Condition,
    Feed,
    Health,
    Item,
    Purpose,
    Request,
    Response,
    Source,
    SourceState,
)

if TYPE_CHECKING:
    from monitor.collect import Fetcher
    from monitor.settings import Settings
    from monitor.workers import Workers

COLUMNS = ("id", "health", "since", "next check", "items", "reason")
DEADLINE = 10.0  # seconds for parsing, as in the pipeline
INDEX_DOCUMENTS = 3  # of a sitemap index, as in the pipeline
EXCERPT = 600  # characters of the first article's text


@click.group()
def sources() -> None:
    """List the sources with their state, test one, or find those of a site."""


sources.add_command(add)


def read_settings(directory: str | None) -> Settings:
    from monitor.settings import find_directory, load

    return load(find_directory(directory), os.environ)


# --- list ------------------------------------------------------------------------------------------------------------


@sources.command("list")
@config_option
@output_option
def list_(directory: str | None, output: str) -> int:
    """How each source is: its state, since when and why.

    Reads the database only; the daemon may be running. Sources that were never read are `new`; what the other states
    mean, and what to do, is in docs/operations.md and in `monitor doctor`.
    """
    from monitor.store import Store

    settings = read_settings(directory)
    now = datetime.now(UTC)
    conditions: dict[str, Condition] = {}
    try:
        with Store.open(settings.database, now=now, upgrade=False, writer=False) as store:
            states = {state.source_id: state for state in store.sources.all()}
            conditions = {condition.source_id: condition for condition in store.conditions.all()}
    except StoreAbsent as error:
        # before the first run every source is new, and that is worth seeing
        states = {}
        click.echo(f"monitor: {error}", err=True)
    rows = [row_of(each, states.get(each.id), conditions.get(each.id)) for each in settings.sources]
    if output == "json":
        print_json(rows)
    else:
        print_table(COLUMNS, (table_row(row, now) for row in rows), empty="no sources are configured")
    return EXIT_OK


def row_of(source: Source, state: SourceState | None, condition: Condition | None) -> dict[str, object]:
    """One source's line of the JSON document: how it is over its readings, and what the last one met."""
    judged = condition or Condition(
        source.id, state.health if state else Health.NEW, state.since if state else None
    )
    return {
        "id": source.id,
        "name": source.name,
        "kind": source.kind,
        "url": source.url,
        "health": judged.state,
        "since": judged.since,
        "reason": judged.reason or (state.message if state else ""),
        "last_success": state.succeeded_at if state else None,
        "last_check": state.checked_at if state else None,
        "next_check": state.next_check_at if state else None,
        "failures": state.failures if state else 0,
        "items": state.items_seen if state else 0,
        "message": state.message if state else "",
        "moved_to": state.moved_to if state else None,
    }


def table_row(row: Mapping[str, object], now: datetime) -> dict[str, object]:
    """The same for people: times as distances."""
    shown = {name.replace("_", " "): value for name, value in row.items()}
    for name in ("since", "next check"):
        moment = shown[name]
        shown[name] = distance(moment, now) if isinstance(moment, datetime) else ""
    return shown


def distance(moment: datetime, now: datetime) -> str:
    """`5 min ago`, `in 2 h`: one unit is enough to see whether something is wrong."""
    seconds = (moment - now).total_seconds()
    size = abs(seconds)
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if size >= length:
            amount = f"{size / length:.0f} {unit}"
            break
    else:
        amount = f"{size:.0f} s"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


# --- test ------------------------------------------------------------------------------------------------------------


@sources.command("test")
@click.argument("source_id", metavar="ID")
@config_option
@output_option
def test(source_id: str, directory: str | None, output: str) -> int:
    """Read one source now and show every item; nothing is recorded, nobody is alerted.

    Where the source asks for full text, the first item's page is read too and the article in it shown.

    Exit codes: 0 it reads well, 1 it does not, 78 bad configuration.
    """
    settings = read_settings(directory)
    source = find_source(settings.sources, source_id)
    document = asyncio.run(examine(source, settings))
    if output == "json":
        print_json(document)
    else:
        print_document(document)
    return EXIT_FAILED if document["error"] else EXIT_OK


def find_source(known: Iterable[Source], source_id: str) -> Source:
    """Raises UsageError with the nearest id."""
    by_id = {source.id: source for source in known}
    if source_id in by_id:
        return by_id[source_id]
    near = difflib.get_close_matches(source_id, by_id, n=1)
    hint = f"did you mean {near[0]}?" if near else "`monitor sources list` shows them all"
    raise UsageError(f"no source has the id {source_id!r}; {hint}")


async def examine(source: Source, settings: Settings) -> dict[str, object]:
    """Everything one reading tells, as the JSON document that the command prints."""
    from monitor.collect import Fetchers, addressed
    from monitor.workers import Workers

    now = datetime.now(UTC)
    source, _ = addressed(source, SourceState(source.id, now), now)
    async with Fetchers(settings.fetch) as fetcher, Workers(1) as workers:
        response = await fetcher.fetch(Request(source.url, secret=source.password))
        document: dict[str, object] = {"id": source.id, "url": response.url, **facts_of(response)}
        if response.failure:
            return {**document, "error": f"{response.failure.kind}: {response.failure.message}"}
        try:
            feed = await read_feed(fetcher, workers, source, response)
        except MonitorError as error:
            return {**document, "error": str(error)}
        document |= {
            "kind": feed.kind,
            "title": feed.title,
            "problems": feed.problems,
            "items": [item_of(item) for item in feed.items],
        }
        if feed.items:
            document |= await first_article(fetcher, workers, source, feed.items[0])
        return document


def facts_of(response: Response) -> dict[str, object]:
    return {
        "status": response.status,
        "media_type": response.media_type,
        "bytes": len(response.body),
        "seconds": round(response.seconds, 3),
        "moved_to": response.moved_to,
        "error": None,
    }


async def read_feed(fetcher: Fetcher, workers: Workers, source: Source, response: Response) -> Feed:
    """The document's items; of a sitemap index, those of the newest documents that it names, as the daemon reads them.
    Raises ParseError where none of them can be read."""
    feed = await parse_in(workers, source, response)
    if feed.items or not feed.links:
        return feed
    items: list[Item] = []
    problems = list(feed.problems)
    read = 0
    for link in feed.links[:INDEX_DOCUMENTS]:
        part = await fetcher.fetch(Request(link, secret=source.password))
        try:
            if part.failure:
                raise ParseError(part.failure.message)
            found = await parse_in(workers, source, part)
        except MonitorError as error:
            problems.append(f"{link}: {error}")
            continue
        read += 1
        items += found.items
        problems += found.problems
    if not read:
        raise ParseError("; ".join(problems))
    return replace(feed, items=tuple(items), problems=tuple(problems))


async def parse_in(workers: Workers, source: Source, response: Response) -> Feed:
    from monitor.collect import charset_of, parse

    known = replace(source, password=None)
    where = response.url, response.media_type, charset_of(response)
    return await workers.run(parse, DEADLINE, response.body, source.kind, *where, known)


async def first_article(fetcher: Fetcher, workers: Workers, source: Source, item: Item) -> dict[str, object]:
    """The article that the first item would become, from its page where the source asks for full text."""
    from monitor.collect import charset_of
    from monitor.refine import refine

    body, url, note, charset = None, None, "", None
    if source.full_text and item.url:
        page = await fetcher.fetch(Request(item.url, Purpose.PAGE))
        note = f"page: {page.failure.message}" if page.failure else ""
        if not page.failure:
            body, url, charset = page.body, page.url, charset_of(page)
    try:
        article = await workers.run(
            refine, DEADLINE, item, source, body, url, note, datetime.now(UTC), False, charset
        )
    except MonitorError as error:
        return {"error": f"the first item could not be made an article: {error}"}
    return {"first_article": article_of(article)}


def item_of(item: Item) -> dict[str, object]:
    return {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "published": item.published,
        "authors": item.authors,
        "language": item.language,
    }


def article_of(article: Article) -> dict[str, object]:
    return {
        "key": article.key,
        "title": article.title,
        "language": article.language,
        "published": article.published,
        "text_from": article.text_from,
        "characters": len(article.body),
        "notes": article.notes,
        "body": article.body[:EXCERPT],
    }


def print_document(document: Mapping[str, object]) -> None:
    """For people: what was answered, the items, the first article, and what is wrong."""
    click.echo(
        f"{document['url']}: {document['status'] or 'no answer'} {document['media_type']}, "
        f"{document['bytes']} bytes in {document['seconds']} s"
    )
    items = document.get("items")
    if isinstance(items, list):
        click.echo(f"{document['kind']}: {document['title'] or 'no title'}, {len(items)} items")
        print_table(("published", "url", "title"), items, empty="it holds no item")
    article = document.get("first_article")
    if isinstance(article, dict):
        click.echo(f"\nfirst article, {article['characters']} characters from the {article['text_from']}:")
        click.echo(harmless(f"{article['title']} ({article['language']})\n{article['body']}"))
    problems = document.get("problems")
    for problem in problems if isinstance(problems, tuple) else ():
        click.echo(f"note: {problem}", err=True)
    if document["error"]:
        click.echo(f"monitor: {document['id']}: {document['error']}", err=True)
