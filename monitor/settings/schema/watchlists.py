"""watchlists/*.yaml. See `monitor.settings.schema`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Discriminator, Field, StrictInt, Tag, model_validator

from monitor.model import Severity
from monitor.settings import fields
from monitor.settings.fields import Country, Id, Language, Line, mistake
from monitor.settings.references import EntityId, ItemText, QueryText, RecipientId, SourceId, near_text
from monitor.settings.schema.entry import Entry


class EntityItem(Entry):
    entity: EntityId = Field(description="Any accepted name of this entity.")

    def as_query(self) -> str:
        return f"entity:{self.entity}"


class QueryItem(Entry):
    query: QueryText = Field(description="An expression of the query language.")

    def as_query(self) -> str:
        return self.query


def _item_form(value: object) -> str:
    """Which form a list's item has, in the brackets that `mistakes` knows them by: the one that its nearest key names where the key is
    misspelt, and text where none is near, which was meant to be text (`title: Doha` without quotes)."""
    if not isinstance(value, dict):
        return "<text>"
    forms = ("entity", "near", "query")
    for form in forms:
        if form in value:
            return f"<{form}>"
    keys = [str(key) for key in value]
    return next((f"<{form}>" for form in forms for key in keys if fields.nearest(key, [form])), "<text>")


def as_query(item: str | EntityItem | NearItem | QueryItem) -> str:
    """A list's item in the query language."""
    return item if isinstance(item, str) else item.as_query()


PlainItem = Annotated[
    Annotated[ItemText, Tag("<text>")] | Annotated[EntityItem, Tag("<entity>")],
    Discriminator(lambda value: "<entity>" if isinstance(value, dict) else "<text>"),
]


class NearBody(Entry):
    within: Annotated[StrictInt, Field(ge=0, le=500)] = Field(description="At most so many words between.")
    of: Annotated[tuple[PlainItem, ...], Field(min_length=2, max_length=8)] = Field(
        description="What has to be near together."
    )


class NearItem(Entry):
    near: NearBody = Field(description="Terms near one another, in any order.")

    def as_query(self) -> str:
        return near_text(self.near.within, [as_query(part) for part in self.near.of])

    @model_validator(mode="after")
    def _has_places(self) -> Self:
        self.as_query()
        return self


ListItem = Annotated[
    Annotated[ItemText, Tag("<text>")]
    | Annotated[EntityItem, Tag("<entity>")]
    | Annotated[NearItem, Tag("<near>")]
    | Annotated[QueryItem, Tag("<query>")],
    Discriminator(_item_form),
]


class WhereEntry(Entry):
    """Conditions on the article and its source; what an article does not state counts as met."""

    languages: tuple[Language, ...] = Field(default=(), description="ISO 639-1, such as fr, ar, en, es.")
    countries: tuple[Country, ...] = Field(default=(), description="Of the source: ISO 3166, such as MA, QA.")
    sources: tuple[SourceId, ...] = Field(default=(), description="Ids of sources.")
    tags: tuple[fields.Tag, ...] = Field(default=(), description="Tags of sources.")


class WatchlistEntry(Entry):
    """What to look for, and who hears of it. any, all, none and query combine by AND."""

    id: Id = Field(description="Short and unique: small letters, digits, - and _.")
    title: Line = Field(default="", description="As alerts show it.")
    severity: Severity = Field(default=Severity.NORMAL, description="low, normal, high or critical.")
    any: tuple[ListItem, ...] = Field(default=(), description="At least one of these.")
    all: tuple[ListItem, ...] = Field(default=(), description="Every one of these.")
    none: tuple[ListItem, ...] = Field(default=(), description="And none of these.")
    query: QueryText | None = Field(default=None, description="An expression of the query language.")
    where: WhereEntry = Field(
        default_factory=WhereEntry, description="Conditions on the source and language."
    )
    notify: tuple[RecipientId, ...] = Field(default=(), description="Recipients who hear of every match.")
    tags: tuple[fields.Tag, ...] = Field(default=(), description="Words that routes select watchlists by.")

    @model_validator(mode="after")
    def _looks_for_something(self) -> Self:
        if not (self.any or self.all or self.query is not None):
            what = "only none" if self.none else "nothing"
            raise mistake(f"the watchlist looks for {what}: write any, all or query")
        return self


class WatchlistsFile(Entry):
    """watchlists/*.yaml: what to look for, and who hears of it."""

    watchlists: tuple[WatchlistEntry, ...] = Field(description="The watchlists.")
