"""entities/*.yaml. See `monitor.settings.schema`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, WithJsonSchema

from monitor.settings.fields import Id, Words
from monitor.settings.schema.entry import Entry


class EntityEntry(Entry):
    """A person or institution with its names in every script."""

    id: Id = Field(description="What watchlists call it: entity:ID.")
    name: Words = Field(description="The full name; always counts.")
    kind: Id = Field(default="person", description="person, organisation, place, ... for your own order.")
    names: tuple[Words, ...] = Field(default=(), description="Other names and spellings, in every script.")
    variants: Annotated[Literal["auto", "none"], WithJsonSchema({"enum": ["auto", "none"]})] = Field(
        default="none", description="auto: propose spellings for acceptance into names."
    )
    not_names: tuple[Words, ...] = Field(
        default=(), alias="not", description="Longer or similar names that are somebody else's."
    )
    within: tuple[Words, ...] = Field(
        default=(), description="A name of names counts only near one of these, or after the full name."
    )


class EntitiesFile(Entry):
    """entities/*.yaml: people and institutions, shared by the watchlists."""

    entities: tuple[EntityEntry, ...] = Field(description="People and institutions.")
