"""`monitor test`: the articles of config/tests against the watchlists, each failure with its explanation.

Called by the command group. Opens the configuration only. An article is judged as `monitor match` would judge it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from monitor.cli.articles import detected
from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_FAILED, EXIT_OK
from monitor.model import Article, WatchlistTest

if TYPE_CHECKING:
    from monitor.judge import Explanation, Rules
    from monitor.settings import Settings


@dataclass(frozen=True, slots=True)
class Failure:
    test: WatchlistTest
    explanation: Explanation


@click.command()
@config_option
@output_option
def test(directory: str | None, output: str) -> int:
    """Run the tests of config/tests: articles that a watchlist must, and must not, match.

    Prints each failure with its place and the watchlist's expression as a tree: lines with + hold, lines with - do not.
    Exits with 1 when one failed.
    """
    from monitor.judge import compile_rules
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    rules = compile_rules(
        settings.watchlists, settings.entities, settings.sources, settings.recipients, settings.routes
    )
    failures = [failure for one in settings.tests if (failure := tried(one, rules)) is not None]
    if output == "json":
        print_json(
            {
                "tests": len(settings.tests),
                "failed": len(failures),
                "untested": untested(settings),
                "failures": [_as_json(failure) for failure in failures],
            }
        )
    else:
        _print(settings, failures)
    return EXIT_FAILED if failures else EXIT_OK


def tried(test: WatchlistTest, rules: Rules) -> Failure | None:
    """The failure of one test; None where the watchlist does as it says."""
    from monitor.judge import explain

    explanation = explain(_article(test), test.watchlist, rules)
    return None if explanation.held is test.match else Failure(test, explanation)


def untested(settings: Settings) -> list[str]:
    """The watchlists that no test speaks of."""
    tested = {one.watchlist for one in settings.tests}
    return [one.id for one in settings.watchlists if one.id not in tested]


def _article(test: WatchlistTest) -> Article:
    return Article(
        key=test.url or test.title,
        source_id=test.source_id,
        title=test.title,
        body=test.body,
        url=test.url,
        language=test.language or detected(test.title, test.body),
    )


def _said(test: WatchlistTest) -> str:
    """What was wanted, and of which article."""
    wanted = "must match, and does not" if test.match else "must not match, and does"
    return f"{test.watchlist} {wanted}: {test.title or test.body[:80]}"


def _as_json(failure: Failure) -> dict[str, object]:
    test = failure.test
    file, line, column = test.place
    return {
        "file": file,
        "line": line,
        "column": column,
        "watchlist": test.watchlist,
        "must_match": test.match,
        "title": test.title,
        "because": test.because,
        "message": _said(test),
        "explanation": failure.explanation.to_json(),
    }


def _print(settings: Settings, failures: list[Failure]) -> None:
    for failure in failures:
        file, line, column = failure.test.place
        because = f" ({failure.test.because})" if failure.test.because else ""
        click.echo(harmless(f"{file}:{line}:{column}: {_said(failure.test)}{because}"))
        click.echo(harmless("".join(f"  {row}\n" for row in failure.explanation.render().splitlines())))
    for id in untested(settings):
        click.echo(f"{id} has no test", err=True)
    count = len(settings.tests)
    held = count - len(failures)
    if not count:
        click.echo("no tests: write articles into tests/*.yaml of the configuration", err=True)
    else:
        click.echo(f"{held} of {count} tests hold")
