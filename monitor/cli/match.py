"""`monitor match` and `monitor explain`: the judge as a filter, and its reasons as a tree. Nothing is recorded."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.articles import BadLine, read_document, read_lines
from monitor.cli.output import config_option, output_option, plain, print_json
from monitor.errors import EXIT_FAILED, EXIT_NOTHING, EXIT_OK, MonitorError
from monitor.model import Article, Match

if TYPE_CHECKING:
    from monitor.judge import Explanation, Rules
    from monitor.settings import Settings
    from monitor.store import LedgerLine


def _rules(settings: Settings) -> Rules:
    from monitor.judge import compile_rules

    return compile_rules(
        settings.watchlists, settings.entities, settings.sources, settings.recipients, settings.routes
    )


def _settings(directory: str | None) -> Settings:
    from monitor.settings import find_directory, load

    return load(find_directory(directory), os.environ)


@click.command()
@config_option
@click.argument("files", metavar="[FILE]...", nargs=-1)
def match(directory: str | None, files: tuple[str, ...]) -> int:
    """Match articles (JSON Lines) against the watchlists; print the hits.

    Reads one article a line from FILE, or from standard input: {"id", "title", "body"} and, where known, "url", "lang",
    "source", "published". Prints one line an article: {"id", "matches": [{"watchlist", "hits"}]}; a hit's start and end
    count characters of the article's own field. Exits with 3 when nothing matched, with 1 when a line could not be read.
    """
    from monitor.judge import find_matches

    rules = _rules(_settings(directory))
    bad = matched = 0
    for given in read_lines(files):
        if isinstance(given, BadLine):
            click.echo(f"monitor: {given.message}", err=True)
            bad += 1
            continue
        matches = find_matches(given.article, rules)
        matched += bool(matches)
        print_json({"id": given.id, "matches": [_as_json(one) for one in matches]}, line=True)
    if bad:
        return EXIT_FAILED
    return EXIT_OK if matched else EXIT_NOTHING


def _as_json(match: Match) -> dict[str, object]:
    return {"watchlist": match.watchlist, "hits": [asdict(hit) for hit in match.hits]}


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is explained: an article and, where it comes from the archive, what was decided about it."""

    id: str | int
    article: Article
    ledger: tuple[LedgerLine, ...] = ()


@click.command()
@config_option
@click.option("-w", "--watchlist", help="Explain this watchlist only (default: each).")
@output_option
@click.argument("target", metavar="URL|ID|FILE|-")
def explain(directory: str | None, watchlist: str | None, output: str, target: str) -> int:
    """Show why an article matches a watchlist, or by how much it does not.

    The article is one of the archive, by its URL or number, or the one in FILE (or - for standard input) as JSON with
    "id", "title" and "body". Of an archived article, what was decided about it is shown too. Lines with + hold, lines
    with - do not. Exits with 3 when nothing matched.
    """
    from monitor.judge import explain as explain_one

    settings = _settings(directory)
    rules = _rules(settings)
    subject = _subject(target, settings)
    asked = [watchlist] if watchlist else [one.watchlist.id for one in rules.watchlists]
    explained = [explain_one(subject.article, id, rules) for id in asked]
    if output == "json":
        print_json(_document(subject, explained))
    else:
        _print(subject, explained)
    return EXIT_OK if any(one.held for one in explained) else EXIT_NOTHING


def _subject(target: str, settings: Settings) -> _Subject:
    if target == "-" or (not target.isdecimal() and Path(target).is_file()):
        given = read_document(target)
        return _Subject(given.id, given.article)
    return _archived(target, settings)


def _archived(target: str, settings: Settings) -> _Subject:
    from monitor.refine import url_key
    from monitor.store import Store

    with Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False) as store:
        number = int(target) if target.isdecimal() and len(target) < 19 else None
        known = store.articles.by_url_key(url_key(target)) if number is None else store.articles.get(number)
        if known is None:
            what = f"article {target}" if number is not None else f"article with the address {target}"
            raise MonitorError(f"there is no {what} in the archive, and no file of that name")
        ledger = store.ledger.of_article(known.id, known.article.key)
    return _Subject(known.id, known.article, tuple(ledger))


def _document(subject: _Subject, explained: list[Explanation]) -> dict[str, object]:
    return {
        "id": subject.id,
        "title": subject.article.title,
        "url": subject.article.url,
        "decisions": [{"at": plain(line.at), **asdict(line.decision)} for line in subject.ledger],
        "watchlists": [one.to_json() for one in explained],
    }


def _print(subject: _Subject, explained: list[Explanation]) -> None:
    click.echo(f"{subject.article.title or '(no title)'}  [{subject.id}]")
    for line in subject.ledger:
        decision = line.decision
        about = f" {decision.subject}" if decision.subject else ""
        click.echo(
            f"  {line.at:%Y-%m-%d %H:%M} {decision.stage}: {decision.reason}{about}: {decision.detail}"
        )
    for one in explained:
        click.echo("")
        click.echo(one.render())
