"""`monitor entities`: spellings that the press may give an entity's names, for the analyst to accept into the file.

Called by the command group. Reads the configuration and, where there is one, the archive; changes neither.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, output_option, print_json, print_table
from monitor.errors import EXIT_OK, StoreAbsent, UsageError
from monitor.model import Article, Entity, Watchlist

if TYPE_CHECKING:
    from monitor.settings import Settings

SEARCHED = 5_000  # of the archive's articles: the latest that may hold one of the spellings
UNCOUNTED = 20  # proposals that are shown where no archive can tell them apart
_PLAIN = re.compile(r"\w(?:[\w '’.\-]*[\w.])?")  # text that YAML needs no quotes for, in a list of one line


@dataclass(frozen=True, slots=True)
class Spelling:
    """count: articles of the archive that hold it; None where there is no archive."""

    name: str
    existing: bool
    count: int | None = None


@click.group()
def entities() -> None:
    """Propose spellings of an entity's names."""


@entities.command()
@config_option
@click.option(
    "--at-least", "least", type=click.IntRange(min=0), default=1, help="Articles that a proposal stands in."
)
@output_option
@click.argument("id")
def variants(directory: str | None, least: int, output: str, id: str) -> int:
    """Propose spellings of the entity ID: doubled letters, ou/u, ch/sh, k/q, i/y, el-/al-, Abd el-, Latin and Arabic.

    Each has the count of the archive's articles that hold it; those that the file has already are marked. Nothing counts
    until you accept it: the last line is the entity's `names` with the proposals of several words, to paste into the file
    and to shorten. A proposal of one word is only shown: read what it finds before you write it down.
    """
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    entity = _entity(id, settings)
    proposals = proposed(entity)
    archive = _archive(settings, (*_names(entity), *proposals))
    spellings = counted(entity, proposals, archive)
    if archive is None:
        shown = [one for one in spellings if one.existing] + [one for one in spellings if not one.existing][
            :UNCOUNTED
        ]
    else:
        shown = [one for one in spellings if one.existing or (one.count or 0) >= least]
    # one word alone is too often somebody else's, or no name at all: that is for the analyst to write
    accepted = [one.name for one in shown if not one.existing and " " in one.name]
    line = f"names: [{', '.join(map(_yaml, (*entity.names, *accepted)))}]"
    if output == "json":
        print_json(
            {
                "id": entity.id,
                "articles": None if archive is None else len(archive),
                "spellings": [
                    {"name": one.name, "existing": one.existing, "count": one.count} for one in shown
                ],
                "yaml": line,
            }
        )
    else:
        _print(shown, len(spellings) - len(shown), archive is not None)
        if accepted:
            click.echo(line)
    return EXIT_OK


def _entity(id: str, settings: Settings) -> Entity:
    """Raises UsageError for one that no file defines."""
    known = {entity.id: entity for entity in settings.entities}
    if id not in known:
        near = difflib.get_close_matches(id, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"{len(known)} entities are defined"
        raise UsageError(f"no entity is called {id}: {hint}")
    return known[id]


def _names(entity: Entity) -> tuple[str, ...]:
    return tuple(dict.fromkeys((entity.name, *entity.names)))


def proposed(entity: Entity) -> list[str]:
    """Spellings that the entity's names do not find yet, the likeliest first; none of its `not` names."""
    from monitor.text import fold
    from monitor.text.variants import propose

    spelt = [propose(name, person=entity.kind == "person") for name in _names(entity)]
    refused = {fold(name) for name in entity.not_names}
    by_words: dict[str, str] = {}
    # the likeliest of each name first, so that a long list of one hides no other
    for rank in range(max(map(len, spelt), default=0)):
        for one in spelt:
            if rank < len(one):
                by_words.setdefault(fold(one[rank]), one[rank])
    candidates = [name for words, name in by_words.items() if words not in refused]
    found = _holding(_names(entity), (_text(name) for name in candidates), whole=True)
    return [name for name, hits in zip(candidates, found, strict=True) if not hits]


def counted(entity: Entity, proposals: Sequence[str], archive: Sequence[Article] | None) -> list[Spelling]:
    """Existing names and proposals, each with its count, the most frequent first."""
    if archive is None:
        return [
            *(Spelling(name, True) for name in _names(entity)),
            *(Spelling(name, False) for name in proposals),
        ]
    candidates = (*_names(entity), *_possible(proposals, archive))
    counts = dict.fromkeys((*_names(entity), *proposals), 0)
    for held in _holding(candidates, archive, whole=False):
        for name in held:
            counts[name] += 1
    existing = set(_names(entity))
    spellings = [Spelling(name, name in existing, count) for name, count in counts.items()]
    return sorted(spellings, key=lambda one: -(one.count or 0))


def _possible(names: Iterable[str], archive: Iterable[Article]) -> list[str]:
    """The names whose every word some article holds: a quick look before the exact one."""
    from monitor.text import readings, tokenise

    words = {word for one in archive for word in tokenise(f"{one.title}\n{one.body}").words}
    vocabulary = {form for word in words for form in readings(word)}
    return [name for name in names if vocabulary.issuperset(tokenise(name).words)]


def _holding(names: Sequence[str], articles: Iterable[Article], *, whole: bool) -> list[set[str]]:
    """For each article the names that it holds, by the matching that watchlists use; `whole`: that are its whole body."""
    from monitor.judge import compile_rules, find_matches
    from monitor.judge.query import to_text
    from monitor.judge.query.tree import Term

    watched = [Watchlist(id=str(number), any=(to_text(Term(name)),)) for number, name in enumerate(names)]
    rules = compile_rules(watched, [], [], [])
    held = []
    for article in articles:
        matches = find_matches(article, rules)
        held.append(
            {
                names[int(match.watchlist)]
                for match in matches
                if not whole or any((hit.start, hit.end) == (0, len(article.body)) for hit in match.hits)
            }
        )
    return held


def _text(name: str) -> Article:
    return Article(key="spelling", source_id="", title="", body=name)


def _archive(settings: Settings, names: Iterable[str]) -> list[Article] | None:
    """The articles that may hold one of the names; None where there is no archive yet."""
    from monitor.store import Store
    from monitor.text import tokenise

    longest = {max(words, key=len) for name in names if (words := tokenise(name).words)}
    try:
        with Store.open(settings.database, now=datetime.now(UTC), upgrade=False, writer=False) as store:
            return store.articles.mentioning(sorted(longest), SEARCHED)
    except StoreAbsent:
        return None


def _print(shown: Sequence[Spelling], left_out: int, archive: bool) -> None:
    print_table(
        ["articles", "in the file", "name"],
        (
            {
                "articles": "?" if one.count is None else one.count,
                "in the file": "yes" if one.existing else "",
                "name": one.name,
            }
            for one in shown
        ),
        empty="no names",
    )
    if not archive:
        click.echo("there is no archive yet that could count them", err=True)
    if left_out:
        click.echo(f"{left_out} more spellings were tried and left out", err=True)


def _yaml(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
