"""The `monitor` command. One module a command group, imported only when its command runs: `--version` stays quick.

Data goes to stdout, messages to stderr. An error that was raised on purpose is printed as a sentence, never as a
traceback, and sets the exit code (see `monitor.errors`).
"""

from __future__ import annotations

import importlib
import keyword
import os
import sys
from typing import Any

import click

from monitor import __version__
from monitor.errors import EXIT_CONFIG, EXIT_FAILED, EXIT_USAGE, ConfigurationError, MonitorError

# name: (module, what --help says in one line). The function in the module is named like the command.
COMMANDS = {
    "run": ("run", "Run the daemon: poll, judge, alert, until it is told to stop."),
    "reload": ("reload", "Let the running daemon read its configuration again; say whether it is in force."),
    "once": ("once", "Read the due sources once, deliver what is due, print a summary."),
    "demo": ("demo", "See the whole work on a small press of its own; needs no configuration."),
    "check": ("check", "Check the configuration; every mistake with file, line and column."),
    "schema": ("check", "Print the JSON Schemas of the configuration files."),
    "parse": ("parse", "Read a feed, sitemap or JSON Feed document; print its items as JSON."),
    "extract": ("extract", "Read an HTML page; print the article in it as JSON."),
    "match": ("match", "Match articles (JSON Lines) against the watchlists; print the hits."),
    "cluster": ("cluster", "Group articles (JSON Lines) into duplicates and stories."),
    "explain": ("match", "Show why an article matches a watchlist, or by how much it does not."),
    "test": ("test", "Run the watchlists' tests; explain each failure."),
    "lint": ("lint", "Warn of what the watchlists say and can hardly mean."),
    "entities": ("entities", "Propose spellings of an entity's names, with their count in the archive."),
    "sources": ("sources", "List the sources with their state, test one, or find those of a site."),
    "routes": ("routes", "Try the routes: who hears of a watchlist, when and why."),
    "silence": ("silence", "Tell nobody of a watchlist, story, source or entity for a time."),
    "notify": ("notify", "Try the channels of a recipient with a test message."),
    "article": ("article", "Show an article with its versions, what changed, and what was decided about it."),
    "why": ("why", "Tell why an article was sent to a recipient, or why it was not."),
    "import": ("opml", "Take sources over from a feed reader's list (OPML)."),
    "export": ("opml", "Give the sources to a feed reader, as a list (OPML)."),
    "doctor": ("doctor", "Show every problem in one screen, the worst first, each with what to do."),
    "stories": ("stories", "List the stories, show one, split or merge."),
    "review": ("review", "Print what was found in a period: PDF, web page, table, feed or text."),
    "feeds": ("feeds", "List the watchlists' own feeds, for any feed reader."),
    "outbox": ("outbox", "List the deliveries, retry or drop them."),
    "db": ("db", "Upgrade, check, back up or restore the database."),
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line of help; imports a command's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"monitor.cli.{COMMANDS[cmd_name][0]}")
        # a word of Python's own is written with a line behind it: import_
        command: click.Command = getattr(module, cmd_name + "_" * keyword.iskeyword(cmd_name))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


EPILOG = """\b
Start with `monitor demo`. Then `monitor check -c config` and `monitor once -c config`.
Exit codes: 0 ok, 1 failed, 2 usage, 3 nothing matched (or lint --strict warns), 4 partial delivery, 78 bad configuration."""


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="monitor", message="%(prog)s %(version)s")
def cli() -> None:
    """Reads the press, recognises what your analysts watch for, and tells the right people once."""


def main(args: list[str] | None = None) -> None:
    """The console script. Ends the process with one of the documented exit codes."""
    sys.exit(invoke(args))


def invoke(args: list[str] | None = None) -> int:
    """Run one command; its exit code instead of an exit. (No name of a module here: importing one would replace it.)"""
    try:
        result: Any = cli.main(args=args, standalone_mode=False)
        return result if isinstance(result, int) else 0
    except ConfigurationError as error:
        click.echo(str(error), err=True)
        count = len(error.problems)
        click.echo(f"{count} {'mistake' if count == 1 else 'mistakes'} in the configuration", err=True)
        return EXIT_CONFIG
    except MonitorError as error:
        click.echo(f"monitor: {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except (click.exceptions.Exit, SystemExit) as stop:
        code = getattr(stop, "exit_code", getattr(stop, "code", 0))
        return code if isinstance(code, int) else EXIT_FAILED
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # `monitor ... | head` is no failure; the interpreter must not complain while it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
