"""Sources -> YAML that our own loader accepts. Called by `monitor sources add` and `monitor import opml`.

Everything is written in quotes or as a plain word that YAML cannot mistake, and read back before it is given away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from pydantic import ValidationError

from monitor.errors import ConfigurationError
from monitor.model import Source, SourceKind
from monitor.settings.document import plain
from monitor.settings.fields import countries
from monitor.settings.mistakes import explain
from monitor.settings.schema import SourcesFile
from monitor.settings.yamltext import read

HEAD = "# yaml-language-server: $schema=../schema/sources.json\n"
LONGEST_ID = 60
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MEANT = frozenset("true false null yes no on off y n".split())
_SECOND_LEVEL = frozenset("ac co com gov net org press".split())
# country domains that the whole world uses
_NO_COUNTRY = frozenset("ai cc co fm io ly me tv ws".split())


def sources_yaml(sources: Iterable[Source], place: str = "sources.yaml") -> str:
    """A whole file. Raises ConfigurationError where the loader would refuse it: an address with a password, say."""
    blocks = [source_yaml(each) for each in sources]
    text = "sources:\n" + "".join(blocks) if blocks else "sources: []\n"
    document = read(text, place)
    if document.problems:
        raise ConfigurationError(document.problems)
    try:
        SourcesFile.model_validate(plain(document.tree) if document.tree is not None else None)
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, "sources", SourcesFile)) from None
    return HEAD + text


def source_yaml(source: Source) -> str:
    """The block of one source, to stand under `sources:`."""
    lines = [f"{key}: {value}" for key, value in _fields(source)]
    return "".join(f"  {'- ' if not n else '  '}{line}\n" for n, line in enumerate(lines))


def _fields(source: Source) -> Iterator[tuple[str, str]]:
    yield "id", _text(source.id)
    if source.name:
        yield "name", _text(source.name)
    yield "kind", source.kind.value
    yield "url", _text(source.url)
    if source.country:
        yield "country", _text(source.country)
    if source.language:
        yield "language", _text(source.language)
    if source.tier != 3:
        yield "tier", str(source.tier)
    if source.tags:
        yield "tags", f"[{', '.join(map(_text, source.tags))}]"
    if source.full_text:
        yield "full_text", "true"


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _MEANT:
        return value
    # JSON's strings are YAML's; what would be looked up in the environment is text here
    return json.dumps(value, ensure_ascii=False).replace("${", "$${")


def free_id(wish: str, taken: Collection[str]) -> str:
    """An id made of any text, followed by a number where it is taken: the same wish among the same ids gives the same."""
    id = re.sub(r"[^a-z0-9]+", "-", wish.lower()).strip("-")[:LONGEST_ID].strip("-") or "source"
    number = 1
    while (found := id if number == 1 else f"{id}-{number}") in taken:
        number += 1
    return found


def host_words(url: str) -> str:
    """What an outlet is called by its address: `lematin` of www.lematin.ma, `news-example` of news.example.co.uk."""
    labels = [label for label in (urlsplit(url).hostname or "").split(".") if label and label != "www"]
    if len(labels) > 1 and not labels[-1].isdigit():
        labels.pop()
        if len(labels) > 1 and labels[-1] in _SECOND_LEVEL:
            labels.pop()
    return "-".join(labels)


def country_of(url: str) -> str | None:
    """The country whose domain an address stands under, where that says something."""
    last = (urlsplit(url).hostname or "").rpartition(".")[2].lower()
    country = {"uk": "GB"}.get(last, last.upper())
    return country if country in countries() and last not in _NO_COUNTRY else None


def known_kind(word: str) -> SourceKind:
    """The kind that a word of an OPML file names; a feed where it names none."""
    return SourceKind(word) if word in {kind.value for kind in SourceKind} else SourceKind.FEED
