"""What the YAML files may hold, as pydantic models: one root model a kind of file. Used by `load` and `jsonschema`.

Field descriptions are what an editor shows. Defaults live in `model`'s nouns; those here only repeat them for editors.
References and queries are judged in validation, by the `Known` names that `load` passes as context.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)

from monitor.model import (
    DAYS,
    BackupPolicy,
    Each,
    FetchPolicy,
    HeartbeatPolicy,
    PollingPolicy,
    RetentionPolicy,
    Severity,
    SourceKind,
    WebPolicy,
)
from monitor.settings import fields, kinds
from monitor.settings.addresses import Apprise, DatabaseUrl, Mailbox, MailRoute, MailServer, Webhook
from monitor.settings.fields import Country, Duration, Id, Language, Line, MailAddress, Rhythm, Words, mistake
from monitor.settings.references import (
    EntityId,
    ItemText,
    QueryText,
    RecipientId,
    SourceId,
    WatchlistId,
    near_text,
)

FETCH, POLLING, RETENTION, WEB = FetchPolicy(), PollingPolicy(), RetentionPolicy(), WebPolicy()
BACKUP, HEARTBEAT_EVERY = BackupPolicy(), HeartbeatPolicy("").every


class Entry(BaseModel):
    """A mapping of known keys. `later` names keys of the design that a later version honours, and what to do today."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )
    later: ClassVar[dict[str, str]] = {}

    def given(self, *without: str) -> dict[str, Any]:
        """The fields that the file states, by their Python names."""
        return {name: getattr(self, name) for name in self.model_fields_set if name not in without}


# --- monitor.yaml ------------------------------------------------------------------------------------------------------


class Fetch(Entry):
    user_agent: Line = Field(
        default=FETCH.user_agent, description="How we introduce ourselves; name a contact in it."
    )
    deadline: Duration = Field(
        default=FETCH.deadline, description="The longest a request may take, redirects included."
    )
    per_host: StrictInt = Field(
        default=FETCH.per_host, ge=1, le=16, description="Connections to one host at a time."
    )
    pause: Duration | None = Field(
        default=None,
        description="Between two requests to one host: 0.5 s where none is stated, none on loopback.",
    )
    max_bytes: fields.Size = Field(
        default=FETCH.max_bytes,
        description="The largest answer that is read, uncompressed.",
        json_schema_extra={"default": "10MB"},
    )
    allow_private: StrictBool = Field(
        default=FETCH.allow_private, description="Also read private and loopback addresses. For tests only."
    )
    ports: tuple[Annotated[StrictInt, Field(ge=1, le=65535)], ...] = Field(
        default=(), description="Ports that may be read beside 80 and 443."
    )
    ca_file: fields.CaFile = Field(
        default="",
        description="A file of certificates (PEM) that are trusted beside the system's: a company's own authority.",
    )


class Polling(Entry):
    every: Rhythm = Field(
        default=None, description="adaptive, or one interval for every source that states none."
    )
    min: Duration = Field(default=POLLING.min, description="The shortest adaptive interval.")
    max: Duration = Field(default=POLLING.max, description="The longest adaptive interval.")
    price: Duration = Field(
        default=POLLING.price, description="The waiting, summed over articles, that is worth one request."
    )
    budget: Annotated[StrictInt, Field(ge=1)] | None = Field(
        default=None, description="Requests an hour over all adaptive sources, on average; raises the price."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            shown = fields.say_duration(self.min), fields.say_duration(self.max)
            raise mistake(f"min ({shown[0]}) is longer than max ({shown[1]})")
        return self


class Retention(Entry):
    articles: Duration = Field(default=RETENTION.articles, description="How long articles are kept.")
    ledger: Duration = Field(
        default=RETENTION.ledger, description="How long the decisions about articles are kept."
    )


class Backup(Entry):
    folder: Annotated[str, StringConstraints(min_length=1, max_length=4_000)] = Field(
        default="",
        description="Where `monitor db backup` writes; by default the folder backups beside a SQLite file.",
    )
    keep: Annotated[StrictInt, Field(ge=1, le=1000)] = Field(
        default=BACKUP.keep, description="How many backups are kept; the oldest go."
    )
    warn_after: Duration = Field(
        default=BACKUP.warn_after, description="The age of the newest at which `monitor doctor` warns."
    )


class Heartbeat(Entry):
    url: Webhook = Field(
        description='An address that is asked for while all is well, never inline: "${file:heartbeat.key}".'
    )
    every: Duration = Field(default=HEARTBEAT_EVERY, description="How often.")
    allow_private: StrictBool = Field(
        default=False, description="The address may be one of your own network or of this machine."
    )


class Web(Entry):
    listen: fields.Listen = Field(
        default=WEB.listen, description="HOST:PORT of health and metrics; loopback only."
    )
    public_url: fields.WebAddress = Field(
        default=WEB.public_url, description="The daemon's address in alerts."
    )
    link_key: fields.LinkKey | None = Field(
        default=None,
        description='What signs the links in alerts, never inline: "${file:link.key}". Without it one is made and kept in the database.',
    )


class Email(Entry):
    server: MailServer = Field(
        description="smtps://user@host[:port] (TLS) or smtp://user@host[:port] (STARTTLS)."
    )
    sender: Mailbox = Field(
        alias="from", description="The From header, such as Monitor <monitor@example.org>."
    )
    password: str | None = Field(
        default=None, description='The password, never inline: "${file:smtp.key}" or "${VAR}".'
    )

    @model_validator(mode="after")
    def _one_password(self) -> Self:
        route: MailRoute = self.server
        if route.password and self.password:
            raise mistake("two passwords: one in server, one in password; keep the latter")
        if self.password and not route.username:
            raise mistake("a password without a user: write the user into server, as in smtps://user@host")
        if (
            (route.password or self.password)
            and route.security == "none"
            and not fields.is_loopback(route.host)
        ):
            raise mistake("a password over an open connection: use smtps://")
        return self


class MonitorFile(Entry):
    """monitor.yaml: the service itself. Every key has a default; the file may be absent."""

    later = {"defaults": "state each watchlist's and source's keys where they stand"}

    database: DatabaseUrl = Field(
        default="sqlite:///var/monitor.db", description="sqlite:///PATH or postgresql://..."
    )
    fetch: Fetch = Field(default_factory=Fetch, description="How the press is read.")
    polling: Polling = Field(default_factory=Polling, description="How often it is read.")
    retention: Retention = Field(default_factory=Retention, description="What is forgotten, and when.")
    backup: Backup = Field(default_factory=Backup, description="Copies of the database, and where they go.")
    heartbeat: Heartbeat | None = Field(
        default=None, description="A sign of life to a service that misses it; none by default."
    )
    web: Web = Field(default_factory=Web, description="The daemon's own pages: health and metrics.")
    email: Email | None = Field(
        default=None, description="The mail server; needed by channels of kind email."
    )
    operators: tuple[RecipientId, ...] = Field(
        default=(), description="Recipients who hear of sources that fail, fall silent, or are well again."
    )


# --- sources/*.yaml ----------------------------------------------------------------------------------------------------


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


# --- entities/*.yaml ---------------------------------------------------------------------------------------------------


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


# --- watchlists/*.yaml -------------------------------------------------------------------------------------------------


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


# --- recipients.yaml ---------------------------------------------------------------------------------------------------

CHANNELS = ("email", "apprise", "webhook", "console", "file")


class ChannelEntry(Entry):
    """One way to reach a recipient: exactly one of email, apprise, webhook, console, file."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in CHANNELS]})

    id: Id = Field(description="Unique within the recipient.")
    email: MailAddress | None = Field(default=None, description="A mail address.")
    apprise: Apprise | None = Field(
        default=None, description="An Apprise address, never inline: ${VAR} or ${file:PATH}."
    )
    webhook: Webhook | None = Field(default=None, description="An address that gets the alert as JSON.")
    secret: Annotated[str, StringConstraints(min_length=1)] | None = Field(
        default=None, description="Signs the webhook, never inline: ${VAR} or ${file:PATH}."
    )
    console: Literal[True] | None = Field(default=None, description="true: print on the daemon's output.")
    file: Line | None = Field(
        default=None, description="A folder that gets one .eml and one .json a delivery."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [kind for kind in CHANNELS if getattr(self, kind) is not None]
        if len(ways) != 1:
            found = " and ".join(ways) or "none"
            raise mistake(f"a channel is exactly one of {', '.join(CHANNELS)}; here is {found}")
        if self.secret is not None and ways != ["webhook"]:
            raise mistake("secret belongs to a webhook only")
        return self


class RecipientEntry(Entry):
    """A person or desk, and how to reach them."""

    id: Id = Field(description="What notify and to call it.")
    name: Line = Field(default="", description="As alerts greet it.")
    language: Language = Field(default="en", description="Of the alert's own words: ISO 639-1.")
    timezone: fields.TimeZone = Field(
        default="UTC", description="For the times in alerts, of digests and of quiet hours."
    )
    working_days: fields.Weekdays = Field(
        default=DAYS,
        description="Digests come on these days; where a route has quiet hours, other days are quiet.",
        json_schema_extra={"default": list(DAYS)},
    )
    channels: Annotated[tuple[ChannelEntry, ...], Field(min_length=1)] = Field(description="All are used.")

    @model_validator(mode="after")
    def _channels_differ(self) -> Self:
        ids = [channel.id for channel in self.channels]
        twice = sorted({id for id in ids if ids.count(id) > 1})
        if twice:
            raise mistake(f"two channels of one id: {', '.join(twice)}")
        return self


class RouteMatch(Entry):
    """Conditions on a match; all stated ones must hold."""

    severity: tuple[Severity, ...] = Field(default=(), description="One of these severities.")
    watchlists: tuple[WatchlistId, ...] = Field(default=(), description="One of these watchlists.")
    tags: tuple[fields.Tag, ...] = Field(default=(), description="A watchlist with one of these tags.")


class DigestEntry(Entry):
    """One mail a slot instead of one an alert."""

    at: fields.Clocks = Field(description="Times of the recipient's own clock, such as 07:30.")
    days: fields.Weekdays | None = Field(
        default=None, description="mon ... sun; the recipient's working days where none is stated."
    )
    empty: StrictBool = Field(default=False, description="true: also send it when there is nothing to tell.")


class QuietEntry(Entry):
    """Alerts wait until the quiet hours are over, then come as one mail. Days off are quiet too."""

    start: fields.Clock = Field(alias="from", description="When they begin, by the recipient's own clock.")
    end: fields.Clock = Field(alias="to", description="When they end; past midnight where it is the earlier.")
    break_through: Severity = Field(
        default=Severity.CRITICAL, description="This severity and worse goes at once, past a digest too."
    )

    @model_validator(mode="after")
    def _take_time(self) -> Self:
        if self.start == self.end:
            raise mistake(f"quiet hours from {self.start:%H:%M} to {self.end:%H:%M} never begin or never end")
        return self


def _or_none(keys: str) -> Discriminator:
    """Which form a value has: the word none, or keys and values; in the brackets that `mistakes` knows them by."""
    return Discriminator(lambda value: keys if isinstance(value, dict | Entry) else "<none>")


Digest = Annotated[
    Annotated[DigestEntry, Tag("<at>")] | Annotated[fields.Nothing, Tag("<none>")], _or_none("<at>")
]
Quiet = Annotated[
    Annotated[QuietEntry, Tag("<from>")] | Annotated[fields.Nothing, Tag("<none>")], _or_none("<from>")
]


class RouteEntry(Entry):
    """Who hears of matches beyond their watchlists' notify, and when. The first route that fits ends the search."""

    match: RouteMatch = Field(default_factory=RouteMatch, description="Absent: every match.")
    to: Annotated[tuple[RecipientId, ...], Field(min_length=1)] = Field(
        default=(), description="Ids of recipients; those of the route above where it states none."
    )
    go_on: StrictBool = Field(
        default=False, alias="continue", description="true: try the routes behind this one too."
    )
    group_wait: fields.Wait = Field(
        default=fields.NOTHING, description="Wait so long for further copies of a story before it is told."
    )
    group_interval: Duration = Field(
        default=timedelta(minutes=30), description="At most one update of a story in this time."
    )
    digest: Digest = Field(default=None, description="Not at once, but in one mail at these times; or none.")
    quiet_hours: Quiet = Field(default=None, description="When nothing is sent; or none.")
    escalate_after: fields.DurationOrNone = Field(
        default=None,
        description="A critical alert that nobody acknowledged by then goes to escalate_to; or none.",
    )
    escalate_to: Annotated[tuple[RecipientId, ...], Field(min_length=1)] = Field(
        default=(), description="Who hears next, one after the other."
    )
    routes: tuple[RouteEntry, ...] = Field(
        default=(),
        description="Finer routes: the first that fits acts instead, with what it does not state from here.",
    )


class RecipientsFile(Entry):
    """recipients.yaml: people, their channels, and routes."""

    later = {"silences": "silences are made while the daemon runs, never in YAML"}

    recipients: tuple[RecipientEntry, ...] = Field(description="People and desks.")
    routes: tuple[RouteEntry, ...] = Field(default=(), description="Tried in order; a tree.")


# --- tests/*.yaml ------------------------------------------------------------------------------------------------------


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


FILES: dict[str, type[Entry]] = {
    "monitor": MonitorFile,
    "sources": SourcesFile,
    "entities": EntitiesFile,
    "watchlists": WatchlistsFile,
    "recipients": RecipientsFile,
    "tests": TestsFile,
}
