"""A folder of YAML -> Settings, or every mistake in it at once. The door's one function that opens files.

    list files -> bytes -> text -> Document -> secrets looked up -> ids gathered -> validated -> nouns

Each step notes Problems and goes on with what is left; only at the end is the sum judged. Nothing of a configuration
with a mistake is ever used.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path

from pydantic import ValidationError

from monitor.errors import ConfigurationError, Problem
from monitor.model import (
    BackupPolicy,
    EmailServer,
    Entity,
    FetchPolicy,
    HeartbeatPolicy,
    PollingPolicy,
    Recipient,
    RetentionPolicy,
    Route,
    Source,
    Watchlist,
    WatchlistTest,
    WebPolicy,
)
from monitor.settings import convert, schema, tree
from monitor.settings.document import Document, Mark, Scalar, plain, scalars
from monitor.settings.files import Unreadable, identities, list_files, read_bytes
from monitor.settings.mistakes import explain
from monitor.settings.places import Places
from monitor.settings.references import Known, circle, named_watchlists
from monitor.settings.secrets import inline_secrets, interpolate
from monitor.settings.yamltext import SHOWN, decode, read

# kind of file -> (its list, what one of the list is called)
LISTS = {
    "sources": ("sources", "source"),
    "entities": ("entities", "entity"),
    "watchlists": ("watchlists", "watchlist"),
    "recipients": ("recipients", "recipient"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole configuration. `database` is SQLAlchemy's URL; a relative SQLite path counts from the current folder."""

    directory: Path
    database: str = field(default="sqlite:///var/monitor.db", repr=False)
    fetch: FetchPolicy = field(default_factory=FetchPolicy)
    polling: PollingPolicy = field(default_factory=PollingPolicy)
    retention: RetentionPolicy = field(default_factory=RetentionPolicy)
    backup: BackupPolicy = field(default_factory=BackupPolicy)
    heartbeat: HeartbeatPolicy | None = None
    web: WebPolicy = field(default_factory=WebPolicy)
    email: EmailServer | None = None
    operators: tuple[str, ...] = ()  # recipients' ids
    sources: tuple[Source, ...] = ()
    entities: tuple[Entity, ...] = ()
    watchlists: tuple[Watchlist, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    routes: tuple[Route, ...] = ()
    tests: tuple[WatchlistTest, ...] = ()
    places: Places = field(default_factory=Places, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file on its way: what kind it is, its document, and its validated content when it has no mistake."""

    kind: str
    document: Document
    content: schema.Entry | None = None


def load(directory: Path, environ: Mapping[str, str]) -> Settings:
    """The configuration in a folder. Raises ConfigurationError with every Problem, sorted by file and place."""
    if not directory.is_dir():
        what = "is not a folder" if directory.exists() else "there is no such folder"
        raise ConfigurationError(
            [Problem(str(directory), 0, 0, f"{what}: name the configuration's folder with -c")]
        )
    listing = list_files(directory)
    problems = list(listing.problems)
    before = identities(listing)
    documents = [_document(kind, path, directory, environ, problems) for kind, path in listing.files]
    problems += _twice(documents)
    known = Known({noun: _ids(documents, kind) for kind, (_, noun) in LISTS.items()})
    loaded = [_validated(one, known, problems) for one in documents]
    problems += _circles(documents)
    problems += _lonely_mail(documents)
    problems += _route_problems(loaded)
    problems += _changed(before, identities(list_files(directory)))
    if problems:
        raise ConfigurationError(list(_bounded(problems)))
    return _settings(directory, loaded)


def _bounded(problems: list[Problem]) -> Iterator[Problem]:
    """The first mistakes of each file, and how many more it has: nobody reads a thousand."""
    for _, group in groupby(sorted(problems), key=lambda problem: problem.file):
        found = list(group)
        yield from found[:SHOWN]
        if found[SHOWN:]:
            more = f"and {len(found) - SHOWN} more mistakes in this file"
            yield replace(found[SHOWN], message=more)


def _document(
    kind: str, path: Path, directory: Path, environ: Mapping[str, str], problems: list[Problem]
) -> Loaded:
    """The file as a document with its secrets looked up. What is wrong is noted; what is unreadable has no tree."""
    try:
        text = decode(read_bytes(path)[0], str(path))
    except Unreadable as error:
        text = Problem(str(path), 0, 0, str(error))
    if isinstance(text, Problem):
        problems.append(text)
        return Loaded(kind, Document.unreadable(str(path)))
    document = read(text, str(path))
    problems += inline_secrets(document, kind)
    document = interpolate(document, directory, environ)
    problems += document.problems
    return Loaded(kind, document)


def _entries(one: Loaded) -> Iterator[tuple[int, dict[str, object]]]:
    """The mappings in a file's list, as written, with their index."""
    tree = one.document.tree
    items = tree.get(LISTS[one.kind][0]) if isinstance(tree, dict) else None
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield index, dict(item)


def _listed(one: Loaded) -> bool:
    tree = one.document.tree
    return isinstance(tree, dict) and isinstance(tree.get(LISTS[one.kind][0]), list)


def _named(loaded: Iterable[Loaded], kind: str) -> Iterator[tuple[str, Loaded, int]]:
    for one in loaded:
        if one.kind == kind:
            for index, entry in _entries(one):
                if isinstance(id := entry.get("id"), Scalar) and id.text:
                    yield id.text, one, index


def _ids(loaded: list[Loaded], kind: str) -> frozenset[str] | None:
    """The ids that files of a kind define; None when one of them has no list that could be read, so that nothing is blamed on it."""
    if any(one.kind == kind and not _listed(one) for one in loaded):
        return None
    return frozenset(id for id, _, _ in _named(loaded, kind))


def _twice(loaded: list[Loaded]) -> Iterator[Problem]:
    """Every id that is defined again, with the place of the first one."""
    for kind, (key, noun) in LISTS.items():
        places: dict[str, str] = {}
        for id, one, index in _named(loaded, kind):
            line, column = one.document.place((key, index, "id"))
            if id in places:
                scalar = one.document.at((key, index, "id"))
                shown = "of this id" if isinstance(scalar, Scalar) and scalar.substituted else id
                message = f"id: a second {noun} {shown}; the first is at {places[id]}"
                yield Problem(one.document.file, line, column, message)
            places.setdefault(id, f"{one.document.file}:{line}:{column}")


def _validated(one: Loaded, known: Known, problems: list[Problem]) -> Loaded:
    if one.document.tree is None:
        return one
    root = schema.FILES[one.kind]
    try:
        content = root.model_validate(plain(one.document.tree), context=known)
    except ValidationError as error:
        problems += explain(error, one.document, one.kind, root)
        return one
    return replace(one, content=content)


def _circles(loaded: list[Loaded]) -> Iterator[Problem]:
    """A watchlist that refers to itself, by way of others or not. Looks at the text: other mistakes do not hide it."""
    graph: dict[str, set[str]] = {}
    places: dict[str, tuple[Document, Mark]] = {}
    for id, one, index in _named(loaded, "watchlists"):
        document = one.document
        graph[id] = {
            name
            for path, scalar in scalars(document.at(("watchlists", index)))
            if path[:1] in (("any",), ("all",), ("none",), ("query",))
            for name in named_watchlists(scalar.text)
        }
        places[id] = document, document.place(("watchlists", index, "id"))
    if path := circle(graph):
        document, mark = places[path[0]]
        yield Problem(document.file, *mark, f"the watchlist refers to itself: {' -> '.join(path)}")


def _lonely_mail(loaded: list[Loaded]) -> Iterator[Problem]:
    """Mail channels without a mail server. Says nothing where either file is unreadable."""
    services = [one.document.tree for one in loaded if one.kind == "monitor"]
    if any(not isinstance(tree, dict) or "email" in tree for tree in services):
        return
    for one in loaded:
        if one.kind == "recipients":
            for path, _ in scalars(one.document.tree):
                if path[:1] == ("recipients",) and path[2:3] == ("channels",) and path[4:] == ("email",):
                    mark = one.document.place(path, key=True)
                    yield Problem(
                        one.document.file,
                        *mark,
                        "email: monitor.yaml names no mail server (email: {server, from})",
                    )


def _route_problems(loaded: list[Loaded]) -> Iterator[Problem]:
    for one in loaded:
        if isinstance(one.content, schema.RecipientsFile):
            yield from tree.problems_of(one.content.routes, one.document)


def _changed(before: Mapping[Path, object], after: Mapping[Path, object]) -> Iterator[Problem]:
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            yield Problem(str(path), 0, 0, "changed while it was read: somebody is saving; load again")


def _settings(directory: Path, loaded: list[Loaded]) -> Settings:
    contents = [one.content for one in loaded]
    service = next((one for one in contents if isinstance(one, schema.MonitorFile)), schema.MonitorFile())
    addresses = [one for one in contents if isinstance(one, schema.RecipientsFile)]
    # a source's own `every: adaptive` must outweigh the default, so the default is given to the others here
    polling = convert.polling_policy(service)
    return Settings(
        directory=directory,
        database=service.database,
        fetch=convert.fetch_policy(service),
        polling=replace(polling, every=None),
        retention=convert.retention_policy(service),
        backup=convert.backup_policy(service),
        heartbeat=convert.heartbeat_policy(service),
        web=convert.web_policy(service),
        email=convert.email_server(service.email),
        operators=service.operators,
        sources=tuple(
            convert.source(entry, polling.every)
            for one in contents
            if isinstance(one, schema.SourcesFile)
            for entry in one.sources
        ),
        entities=tuple(
            convert.entity(entry)
            for one in contents
            if isinstance(one, schema.EntitiesFile)
            for entry in one.entities
        ),
        watchlists=tuple(
            convert.watchlist(entry)
            for one in contents
            if isinstance(one, schema.WatchlistsFile)
            for entry in one.watchlists
        ),
        recipients=tuple(convert.recipient(entry) for one in addresses for entry in one.recipients),
        routes=tuple(_routes(loaded)),
        tests=tuple(_tests(loaded)),
        places=Places(
            {
                (kind, id): (one.document, (LISTS[kind][0], index))
                for kind in ("entities", "watchlists")
                for id, one, index in _named(loaded, kind)
            }
        ),
    )


def _routes(loaded: list[Loaded]) -> Iterator[Route]:
    for one in loaded:
        if isinstance(one.content, schema.RecipientsFile):
            yield from tree.routes_of(one.content.routes, one.document)


def _tests(loaded: list[Loaded]) -> Iterator[WatchlistTest]:
    for one in loaded:
        if isinstance(one.content, schema.TestsFile):
            for index, entry in enumerate(one.content.tests):
                for key, match, samples in (
                    ("match", True, entry.match),
                    ("no_match", False, entry.no_match),
                ):
                    for number, sample in enumerate(samples):
                        mark = one.document.place(("tests", index, key, number))
                        yield convert.watchlist_test(
                            entry.watchlist, match, sample, (one.document.file, *mark)
                        )
