"""tests/*.yaml. See `monitor.settings.schema`."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from monitor.settings import fields
from monitor.settings.fields import Language, mistake
from monitor.settings.references import SourceId, WatchlistId
from monitor.settings.schema.entry import Entry


class Sample(Entry):
    """An article as a test states it."""

    title: str = Field(default="", description="The headline.")
    body: str = Field(default="", description="The text; paragraphs separated by a newline.")
    url: fields.WebAddress | None = Field(default=None, description="Its address.")
    lang: Language | None = Field(default=None, description="Its language: ISO 639-1.")
    source: SourceId | None = Field(default=None, description="The source it came from.")
    because: str = Field(default="", description="Why it must, or must not, match.")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.title.strip() or self.body.strip()):
            raise mistake("an article needs a title or a body")
        return self


class TestEntry(Entry):
    """Articles that a watchlist must, and must not, match."""

    watchlist: WatchlistId = Field(description="The watchlist's id.")
    match: tuple[Sample, ...] = Field(default=(), description="It must match each of these.")
    no_match: tuple[Sample, ...] = Field(default=(), description="It must match none of these.")


class TestsFile(Entry):
    """tests/*.yaml: articles that must, and must not, match."""

    tests: tuple[TestEntry, ...] = Field(description="One entry a watchlist.")
