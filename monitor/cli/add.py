"""`monitor sources add URL`: what an outlet offers, and the YAML to paste. Writes nothing: what is watched is in config/."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_FAILED, EXIT_OK, UsageError
from monitor.model import Source

if TYPE_CHECKING:
    from monitor.collect.discovery import Discovery, Found
    from monitor.collect.rate import Rate
    from monitor.settings import Settings

SAMPLES = 5
STALE = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that could be watched: its source as it would be written, or the id under which it is watched already."""

    found: Found
    rate: Rate
    source: Source
    yaml: str
    known_as: str | None


@click.command()
@click.argument("url")
@config_option
@output_option
def add(url: str, directory: str | None, output: str) -> int:
    """Find the feeds, news sitemaps and WordPress API of the site at URL; print the YAML to paste.

    Shows what each holds: samples, items a day, the newest, the language, whether it carries the full text. Changes
    nothing: paste the block of your choice into a file under sources/ and run `monitor check`.

    Exit codes: 0 something was found, 1 nothing was, 78 bad configuration.
    """
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    now = datetime.now(UTC)
    found = asyncio.run(_discover(_address(url), settings))
    offers = _offers(found, settings, now)
    if output == "json":
        print_json(_document(found, offers))
    else:
        _print(found, offers)
    return EXIT_OK if offers else EXIT_FAILED


def _address(url: str) -> str:
    """As people type it: without a scheme too. Raises UsageError."""
    from pydantic import ValidationError

    from monitor.settings.fields import web_address

    written = url.strip() if "://" in url else f"https://{url.strip()}"
    try:
        return web_address(written)
    except (ValueError, ValidationError) as error:
        raise UsageError(f"{url!r} is no address of a site such as https://example.org: {error}") from None


async def _discover(url: str, settings: Settings) -> Discovery:
    from monitor.collect import HttpFetcher
    from monitor.collect.discovery import discover
    from monitor.workers import Workers

    async with HttpFetcher(settings.fetch) as fetcher, Workers(1) as workers:
        return await discover(url, fetcher, workers)


def _offers(discovery: Discovery, settings: Settings, now: datetime) -> list[Offer]:
    """The best first: what is alive before what is not, then what brings most."""
    from monitor.collect.rate import rate

    taken = {source.id for source in settings.sources}
    rated = [(each, rate(each.feed, now)) for each in discovery.found]
    offers: list[Offer] = []
    for found, told in sorted(rated, key=lambda pair: _worth(pair[1], now), reverse=True):
        offers.append(_offer(discovery, found, told, settings, taken))
        taken.add(offers[-1].source.id)
    return offers


def _worth(told: Rate, now: datetime) -> tuple[bool, float, bool]:
    alive = told.newest is not None and now - told.newest < STALE
    return alive, round(told.per_day or 0.0), told.full_text


def _offer(discovery: Discovery, found: Found, told: Rate, settings: Settings, taken: set[str]) -> Offer:
    from monitor.refine import url_key
    from monitor.settings.writing import country_of, free_id, host_words, source_yaml, sources_yaml

    name = (discovery.clues.title if discovery.clues else "") or found.feed.title or host_words(found.url)
    source = Source(
        id=free_id(host_words(found.url), taken),
        url=found.url,
        name=harmless(" ".join(name.split()))[:120],
        kind=found.kind,
        country=country_of(found.url),
        language=told.language,
        full_text=not told.full_text,
    )
    sources_yaml([source])
    keys = {url_key(each.url): each.id for each in settings.sources}
    return Offer(found, told, source, source_yaml(source), keys.get(url_key(found.url)))


# --- what is printed -------------------------------------------------------------------------------------------------


def _document(discovery: Discovery, offers: Sequence[Offer]) -> dict[str, object]:
    return {
        "url": discovery.url,
        "is_a_feed": discovery.itself,
        "requests": discovery.requests,
        "found": [_row(each) for each in offers],
        "notes": discovery.notes,
        "error": discovery.error or None,
    }


def _row(offer: Offer) -> dict[str, object]:
    told = offer.rate
    return {
        "url": offer.source.url,
        "kind": offer.source.kind,
        "title": offer.found.feed.title,
        "items": told.items,
        "per_day": None if told.per_day is None else round(told.per_day, 1),
        "newest": told.newest,
        "language": told.language,
        "full_text_in_feed": told.full_text,
        "samples": [
            {"title": item.title, "url": item.url, "published": item.published}
            for item in offer.found.feed.items[:SAMPLES]
        ],
        "problems": offer.found.feed.problems,
        "known_as": offer.known_as,
        "yaml": offer.yaml,
    }


def _print(discovery: Discovery, offers: Sequence[Offer]) -> None:
    """The findings on stderr, as remarks of YAML; what can be pasted, and only that, on stdout."""
    for note in discovery.notes:
        click.echo(harmless(f"note: {note}"), err=True)
    if not offers:
        click.echo(harmless(f"monitor: {_why_nothing(discovery)}"), err=True)
        return
    if discovery.itself:
        click.echo(f"{discovery.url} is itself a {offers[0].source.kind.value}", err=True)
    click.echo(
        "sources:" if any(each.known_as is None for each in offers) else "# all of it is watched already"
    )
    best = True
    for each in offers:
        _print_offer(each, active=best and each.known_as is None)
        best = best and each.known_as is not None


def _why_nothing(discovery: Discovery) -> str:
    if discovery.error:
        return f"{discovery.url}: {discovery.error}"
    if discovery.notes:
        return (
            f"nothing to watch was found at {discovery.url}: it refuses robots, or what it answers is no list of "
            "articles; try the address of a section, or ask the outlet"
        )
    return (
        f"nothing to watch was found at {discovery.url}: no feed, news sitemap or WordPress API; try the address of a "
        "section of the site"
    )


def _print_offer(offer: Offer, *, active: bool) -> None:
    told = offer.rate
    rhythm = "no dates" if told.per_day is None else f"{told.per_day:.1f} items a day"
    newest = f", newest {told.newest:%Y-%m-%d %H:%M} UTC" if told.newest else ""
    text = "full text" if told.full_text else "teasers only"
    click.echo(f"  # {told.items} items, {rhythm}{newest}, language {told.language or 'unknown'}, {text}")
    for item in offer.found.feed.items[:SAMPLES]:
        click.echo(harmless(f"  #   {' '.join((item.title or item.url or '').split())[:100]}"))
    if offer.known_as:
        click.echo(f"  # already watched as {offer.known_as}")
    for line in offer.yaml.splitlines() if not offer.known_as else ():
        click.echo(line if active else f"  # {line.removeprefix('  ')}")
