"""`monitor why`: why a recipient got an article, or why not. Reads the database only; the daemon may be running."""

from __future__ import annotations

import difflib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_NOTHING, EXIT_OK, UsageError

if TYPE_CHECKING:
    from monitor.judge import Rules
    from monitor.why import Answer, Told


@click.command()
@click.argument("asked", metavar="URL|ID|REFERENCE")
@click.option("-r", "--recipient", metavar="ID", help="Ask for this recipient: with each of its watchlists.")
@config_option
@output_option
def why(asked: str, recipient: str | None, directory: str | None, output: str) -> int:
    """Tell why an article was sent to a recipient, or why it was not; the worst fact first.

    The article is named by its address, by its number in the archive, or by the reference or Message-ID of a mail; of a digest's
    reference all that it told of is listed. Of an address that is not in the archive the sources of its host are told: failing, not read yet, or read well without it.

    Exit codes: 0 told, 3 nothing is known of it, 2 no such recipient.
    """
    from monitor.app import message_host, rules_of
    from monitor.settings import find_directory, load
    from monitor.store import Store
    from monitor.why import why as ask

    settings = load(find_directory(directory), os.environ)
    rules = rules_of(settings)
    if recipient:
        _known_recipient(recipient, rules)
    now = datetime.now(UTC)
    with Store.open(settings.database, now=now, upgrade=False, writer=False) as store:
        told = ask(store, rules, asked, recipient, message_host(settings), now)
    if output == "json":
        print_json(_document(told))
    else:
        _print(told, recipient)
    return EXIT_NOTHING if told.nothing else EXIT_OK


def _known_recipient(recipient: str, rules: Rules) -> None:
    if recipient not in rules.recipients:
        near = difflib.get_close_matches(recipient, rules.recipients, 1)
        known = ", ".join(rules.recipients) or "none"
        raise UsageError(
            f"no recipient {recipient}: " + (f"did you mean {near[0]}?" if near else f"known: {known}")
        )


def _document(told: Told) -> dict[str, object]:
    known = told.known
    article = known and {
        "id": known.id,
        "title": known.article.title,
        "url": known.article.url,
        "source": known.article.source_id,
        "story": known.story_id,
        "published": known.article.published,
        "first_seen": known.article.first_seen,
        "duplicate_of": known.duplicate_of,
    }
    answers = [each.to_json() for each in told.answers]
    return {
        "asked": told.asked,
        "article": article,
        "answers": answers,
        "other_watchlists": told.watchlists,
    }


def _print(told: Told, recipient: str | None) -> None:
    if told.known is not None:
        one = told.known.article
        click.echo(harmless(f"{one.title or '(no title)'}\n{one.url or one.key}"))
        click.echo(harmless(f"article {told.known.id} · {one.source_id} · story {told.known.story_id}\n"))
    elif told.answers and not told.letter:
        click.echo(f"{told.asked} is not in the archive.\n")
    elif not told.answers:
        click.echo(
            f"nothing is known of {told.asked}: give an article's address or number, or a mail's reference",
            err=True,
        )
    for each in told.answers:
        _print_answer(each, recipient)
    if told.watchlists and not recipient:
        more = "1 other watchlist does" if told.watchlists == 1 else f"{told.watchlists} other watchlists do"
        click.echo(f"\n{more} not match; --recipient ID tells by how much.")


def _print_answer(each: Answer, recipient: str | None) -> None:
    who = f"{each.recipient}: " if each.recipient and not recipient else ""
    click.echo(harmless(f"{each.answer:<18} {who}{each.text}"))
    if each.explanation is not None and not each.explanation.held:
        for line in each.explanation.render().splitlines()[1:]:
            click.echo(harmless(f"{'':<18} {line}"))
