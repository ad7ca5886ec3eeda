"""`monitor feeds`: the addresses under which the daemon serves a feed a watchlist. Reads only; may run beside the daemon."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.errors import EXIT_NOTHING, EXIT_OK, MonitorError, StoreError

if TYPE_CHECKING:
    from monitor.store import Store

COLUMNS = ("watchlist", "address")


@click.command()
@click.option(
    "--language",
    type=click.Choice(["en", "fr", "ar", "es"]),
    default="en",
    show_default=True,
    help="Of the feeds' own words.",
)
@config_option
@output_option
def feeds(language: str, directory: str | None, output: str) -> int:
    """List the watchlists' feeds (Atom), for any feed reader.

    Whoever has an address may read the feed: hand it on as you would a password.
    """
    from monitor.feeds import address
    from monitor.links import reachable
    from monitor.settings import find_directory, load
    from monitor.store import Store

    settings = load(find_directory(directory), os.environ)
    with Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False) as store:
        key = settings.web.link_key or _key(store)
    public_url = settings.web.public_url
    rows = [
        {"watchlist": each.id, "title": each.title, "address": address(each.id, key, public_url, language)}
        for each in settings.watchlists
    ]
    if output == "json":
        print_json(rows)
    else:
        print_table(COLUMNS, rows, empty="no watchlists are configured")
    if rows and not reachable(public_url):
        click.echo(
            f"{public_url} is this machine alone: set web.public_url to what readers can reach", err=True
        )
    return EXIT_OK if rows else EXIT_NOTHING


def _key(store: Store) -> str:
    try:
        return store.link_key()
    except StoreError as error:
        raise MonitorError(
            "the feeds have no addresses yet: the key they are made of comes with the first start of `monitor run`, or set "
            "web.link_key"
        ) from error
