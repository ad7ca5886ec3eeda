"""sources/*.yaml. See `monitor.settings.schema`."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, model_validator

from monitor.model import Each, SourceKind
from monitor.settings import fields, kinds
from monitor.settings.fields import Country, Id, Language, Line, Rhythm, mistake
from monitor.settings.schema.entry import Entry

KIND_WORDS = {
    "rss": "feed",
    "atom": "feed",
    "rdf": "feed",
    "json": "feed",
    "json-feed": "feed",
    "sitemap": "news-sitemap",
    "html": "page",
    "imap": "mailbox",
    "google-news": "feed",
}


def _kind(value: object) -> object:
    if isinstance(value, str) and (meant := KIND_WORDS.get(value.lower())):
        raise mistake(f"{{value}} is not a kind of source; did you mean {meant}?")
    return value


class SourceEntry(Entry):
    """An address of an outlet where articles are announced."""

    id: Id = Field(description="Short and unique: small letters, digits, - and _.")
    kind: Annotated[SourceKind, BeforeValidator(_kind)] = Field(
        default=SourceKind.FEED,
        description="feed (RSS, Atom, RDF, JSON Feed), news-sitemap, wordpress (its REST API), page (a list of links), "
        "telegram (a public channel), gdelt (a search), or mailbox (newsletters over IMAP).",
    )
    url: kinds.SourceAddress = Field(
        description="The address of the feed, sitemap, API, page or channel; of a mailbox imaps://user@host/FOLDER."
    )
    name: Line = Field(default="", description="The outlet's name, as alerts show it.")
    country: Country | None = Field(default=None, description="Where the outlet is: ISO 3166, two letters.")
    language: Language | None = Field(
        default=None, description="A hint: ISO 639-1; the article's own is detected."
    )
    tier: Annotated[StrictInt, Field(ge=1, le=3)] = Field(
        default=3, description="1 national or agency, 2 regional, 3 other."
    )
    tags: tuple[fields.Tag, ...] = Field(
        default=(), description="Words to select sources by, in where and tag:."
    )
    full_text: StrictBool = Field(default=False, description="Also read the page of each new article.")
    every: Rhythm = Field(default=None, description="adaptive, or an interval such as 10m.")
    backfill: StrictBool = Field(default=False, description="Alert on what the first reading finds, too.")
    article: kinds.ArticleSelector | None = Field(
        default=None, description="With full_text: the CSS selector of the text in an article's page."
    )
    items: kinds.ItemsSelector | None = Field(
        default=None, description="Kind page: the CSS selector of what holds one article's link."
    )
    link_pattern: kinds.LinkPattern | None = Field(
        default=None, description="Kinds page and mailbox: a regular expression for articles' addresses."
    )
    each: kinds.EachItem = Field(
        default=Each.MAIL, description="Kind mailbox: an item for each mail, or for each link in it."
    )
    password: kinds.Password | None = Field(
        default=None, description='Kind mailbox: the password, never inline: "${file:imap.key}" or "${VAR}".'
    )

    @model_validator(mode="after")
    def _complete(self) -> Self:
        kinds.complete(self.kind, self.model_fields_set, full_text=self.full_text, each=self.each)
        return self


class SourcesFile(Entry):
    """sources/*.yaml: the outlets and where to read them."""

    sources: tuple[SourceEntry, ...] = Field(description="The addresses to read.")
