"""`monitor import opml` and `monitor export opml`: lists of feeds in and out.

Importing writes one new file under sources/, never into one that is there; feeds that are watched already are left out,
so that the same list can be imported again.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.output import config_option, harmless, output_option, print_json
from monitor.errors import EXIT_OK, ConfigurationError, UsageError
from monitor.model import Source

if TYPE_CHECKING:
    from monitor.collect.opml import Opml, Outline
    from monitor.settings import Settings

LARGEST = 6_000_000  # bytes read of a file; the parser refuses from 5 million on
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,80}")


@click.group("import")
def import_() -> None:
    """Take sources over from a feed reader's list."""


@click.group("export")
def export() -> None:
    """Give the sources to a feed reader, as a list."""


@import_.command("opml")
@click.argument("file", metavar="FILE|-")
@click.option("--dry-run", is_flag=True, help="Show the YAML; write nothing.")
@click.option("--name", default="imported", show_default=True, help="Of the new file under sources/.")
@config_option
@output_option
def import_opml(file: str, dry_run: bool, name: str, directory: str | None, output: str) -> int:
    """Write the feeds of an OPML list as a new file under sources/.

    Folders and categories become tags. A feed that is watched already, under whatever spelling of its address, is left
    out; where nothing is new nothing is written. Afterwards the whole configuration is checked.
    """
    from monitor.settings import find_directory, load
    from monitor.settings.writing import sources_yaml

    folder = find_directory(directory)
    settings = load(folder, os.environ)
    opml = _read(file)
    new, known = _sources(opml, settings)
    place = _free_place(folder, name)
    text = sources_yaml(new, str(place))
    written = bool(new) and not dry_run
    if written:
        _write(place, text, folder)
    report = {
        "file": str(place) if written else None,
        "new": [each.id for each in new],
        "known": known,
        "problems": list(opml.problems),
    }
    if output == "json":
        print_json(report | ({"yaml": text} if dry_run else {}))
        return EXIT_OK
    for problem in opml.problems:
        click.echo(harmless(f"note: {problem}"), err=True)
    if dry_run:
        click.echo(harmless(text), nl=False)
    what = f"{len(new)} new, {known} watched already"
    click.echo(f"{what}; written to {place}" if written else f"{what}; nothing was written", err=True)
    return EXIT_OK


def _read(file: str) -> Opml:
    """Raises UsageError where there is no such file, ParseError where it is no list."""
    from monitor.collect.opml import read

    if file == "-":
        return read(sys.stdin.buffer.read(LARGEST))
    try:
        with Path(file).open("rb") as stream:
            return read(stream.read(LARGEST))
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from None


def _sources(opml: Opml, settings: Settings) -> tuple[list[Source], int]:
    """The list's feeds as sources with ids of their own, and how many of them are watched already."""
    from monitor.refine import url_key
    from monitor.settings.writing import free_id, host_words

    keys = {url_key(source.url) for source in settings.sources}
    taken = {source.id for source in settings.sources}
    new: list[Source] = []
    known = 0
    for outline in opml.outlines:
        key = url_key(outline.url)
        if key in keys:
            known += 1
            continue
        keys.add(key)
        id = free_id(_letters(outline.title) or host_words(outline.url), taken)
        taken.add(id)
        new.append(_source(outline, id))
    return new, known


def _source(outline: Outline, id: str) -> Source:
    from monitor.settings.writing import country_of, known_kind
    from monitor.text.language import language_tag

    tags = dict.fromkeys(tag for folder in outline.folders if (tag := _letters(folder)))
    return Source(
        id=id,
        url=outline.url,
        name=harmless(outline.title) or id,
        kind=known_kind(outline.kind),
        country=country_of(outline.url),
        language=language_tag(outline.language),
        tags=tuple(tags),
    )


def _letters(text: str) -> str:
    """As an id is written; '' where the text has no letter of the Latin alphabet."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    return slug if re.search("[a-z]", slug) else ""


def _free_place(folder: Path, name: str) -> Path:
    """A file that is not there yet: imported.yaml, imported-2.yaml ... Raises UsageError for a name that is a path."""
    stem = name.removesuffix(".yaml")
    if not NAME.fullmatch(stem):
        raise UsageError(f"--name {name!r}: a plain file name of letters, digits, - and _ is needed")
    places = (folder / "sources" / f"{stem}{f'-{n}' if n > 1 else ''}.yaml" for n in range(1, 10_000))
    return next(place for place in places if not place.exists())


def _write(place: Path, text: str, folder: Path) -> None:
    """The whole file or none: taken back where the configuration does not hold with it."""
    from monitor.settings import load

    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {place}: {error.strerror}") from None
    try:
        load(folder, os.environ)
    except ConfigurationError:
        place.unlink()
        raise


@export.command("opml")
@click.argument("file", metavar="[FILE]", required=False)
@config_option
def export_opml(file: str | None, directory: str | None) -> int:
    """Print the sources as an OPML 2.0 list, or write it to FILE."""
    from monitor.collect.opml import write
    from monitor.settings import find_directory, load

    settings = load(find_directory(directory), os.environ)
    document = write(_in_order(settings.sources), "media-monitor", datetime.now(UTC))
    if file is None:
        click.echo(document, nl=False)
        return EXIT_OK
    try:
        Path(file).write_bytes(document)
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from None
    click.echo(f"{len(settings.sources)} sources written to {file}", err=True)
    return EXIT_OK


def _in_order(sources: Iterable[Source]) -> list[Source]:
    return sorted(sources, key=lambda source: source.id)
