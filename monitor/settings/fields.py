"""The types of single values: durations, sizes, ids, languages, countries, time zones, addresses. Used by `schema`.

Each refuses with a sentence that says what is expected. `{value}` in a sentence stands for what was written; only
`mistakes` fills it in, and not where a secret may stand.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterable
from datetime import time, timedelta
from difflib import get_close_matches
from email.errors import MessageError
from email.headerregistry import Address
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address
from typing import Annotated, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, PlainValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from monitor.model import DAYS

T = TypeVar("T")
NOTHING = timedelta(0)
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
SIZES = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
DURATION = r"^[0-9]{1,8}[smhd]$"
SIZE = r"^[0-9]{1,9}(B|kB|KB|MB|GB)$"
LONGEST = timedelta(days=36_500)  # beyond a century, sums of times leave the calendar
SHORTEST_KEY = 32  # characters
ID = r"^[a-z0-9][a-z0-9_-]*$"

LANGUAGES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
).split()  # ISO 639-1


def mistake(message: str, *, offset: int | None = None, veiled: str = "") -> PydanticCustomError:
    """A refusal. `offset` counts the characters of the value's text before the mistake; `veiled` is said instead when the
    message quotes a value that may be a secret. What follows "; " in a message is a hint and is left out then, too."""
    return PydanticCustomError(
        "mistake", "{message}", {"message": message, "offset": offset, "veiled": veiled}
    )


def nearest(word: object, known: Iterable[str]) -> str:
    """'; did you mean x?', or nothing when nothing known is near."""
    close = get_close_matches(str(word), list(known), 1, 0.6)
    return f"; did you mean {close[0]}?" if close else ""


def text_of(value: object, what: str) -> str:
    """The value when it is text; else the refusal says `what` was expected."""
    if isinstance(value, str):
        return value
    raise mistake(f"{{value}} is not {what}")


def duration(value: object) -> timedelta:
    text = str(value) if type(value) is int else text_of(value, "a duration such as 60s, 10m, 2h, 365d")
    if re.fullmatch(r"-[0-9]+[smhd]?", text):
        raise mistake("{value} is negative: a duration such as 60s, 10m, 2h, 365d is longer than 0")
    if re.fullmatch(r"0+[smhd]?", text):
        raise mistake("{value} is no time at all: a duration such as 60s, 10m, 2h, 365d is longer than 0")
    if re.fullmatch(r"[0-9]+", text):
        raise mistake("{value} has no unit: write a duration such as 60s, 10m, 2h, 365d")
    if not re.fullmatch(DURATION[1:-1], text):
        raise mistake("{value} is not a duration such as 60s, 10m, 2h, 365d")
    length = timedelta(seconds=int(text[:-1]) * UNITS[text[-1]])
    if length > LONGEST:
        raise mistake("{value} is longer than 36500d")
    return length


def wait(value: object) -> timedelta:
    """A duration of a day at most, or none at all."""
    if re.fullmatch(r"0+[smhd]?", str(value)):
        return NOTHING
    length = duration(value)
    if length > timedelta(days=1):
        raise mistake("{value} is longer than 1d; for one mail a day write digest")
    return length


def clock(value: object) -> time:
    text = text_of(value, "a time of day such as 07:30")
    if re.fullmatch(CLOCK[1:-1], text):
        return time(int(text[:2]), int(text[3:]))
    better = {"24:00": "00:00"}.get(text, f"0{text}")
    hint = f"; did you mean {better}?" if re.fullmatch(CLOCK[1:-1], better) else ""
    raise mistake(f"{{value}} is not a time of day such as 07:30{hint}")


def clocks(value: tuple[time, ...]) -> tuple[time, ...]:
    return tuple(sorted(_each_once(value, "{:%H:%M}")))


def day(value: str) -> str:
    if value not in DAYS:
        hint = f"; did you mean {value.lower()[:3]}?" if value.lower()[:3] in DAYS else ""
        raise mistake(f"{{value}} is not a day: {', '.join(DAYS)}{hint}")
    return value


def weekdays(value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(_each_once(value, "{}"), key=DAYS.index))


def _each_once(values: tuple[T, ...], form: str) -> tuple[T, ...]:
    for value in values:
        if values.count(value) > 1:
            raise mistake(f"{form.format(value)} stands here twice")
    return values


def nothing(value: object) -> None:
    """What a route writes to leave out what it would inherit."""
    if value != "none":
        raise mistake("keys and values are expected (key: value), or none to leave out what is inherited")


def duration_or_none(value: object) -> timedelta | None:
    return None if value == "none" else duration(value)


def rhythm(value: object) -> timedelta | None:
    if value == "adaptive":
        return None
    if isinstance(value, int) or (isinstance(value, str) and value.lstrip("-")[:1].isdigit()):
        return duration(value)
    raise mistake(f"{{value}} is neither adaptive nor a duration such as 10m{nearest(value, ['adaptive'])}")


def say_duration(length: timedelta | None) -> str:
    """The shortest way to write a duration."""
    if length is None:
        return "adaptive"
    seconds = int(length.total_seconds())
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % UNITS[unit] == 0)
    return f"{seconds // UNITS[unit]}{unit}"


def size(value: object) -> int:
    text = text_of(value, "a size such as 500kB, 10MB")
    if not re.fullmatch(SIZE[1:-1], text):
        raise mistake("{value} is not a size such as 500kB, 10MB")
    number = re.match(r"[0-9]+", text)
    bytes_ = int(number.group() if number else 0) * SIZES[text.lstrip("0123456789")]
    if not 1_000 <= bytes_ <= 1_000_000_000:
        raise mistake("{value} is not between 1kB and 1GB")
    return bytes_


def ca_file(value: str) -> str:
    """The path of a file in which OpenSSL finds at least one certificate."""
    if not value:
        return value
    try:
        found = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        found.load_verify_locations(cafile=value)
    except ssl.SSLError as error:
        raise mistake(
            "{value} holds no certificate that can be read (PEM, -----BEGIN CERTIFICATE-----)"
        ) from error
    except (OSError, ValueError) as error:
        raise mistake(f"{{value}} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return value


def identifier(value: str) -> str:
    if len(value) > 100:
        raise mistake("longer than 100 characters")
    if not re.fullmatch(ID[1:-1], value):
        better = re.sub(r"[^a-z0-9_-]+", "-", value.lower()).strip("-_")
        hint = f"; for example {better}" if better else ""
        raise mistake(f"{{value}} is not an id: small letters, digits, - and _ only{hint}")
    return value


def language(value: str) -> str:
    if value not in LANGUAGES:
        hint = f"; did you mean {value.lower()[:2]}?" if value.lower()[:2] in LANGUAGES else ""
        raise mistake(f"{{value}} is not a language's two letters (ISO 639-1: fr, ar, en, es ...){hint}")
    return value


@lru_cache(maxsize=1)
def countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2, as the time-zone data lists them; GB is there, UK is not a code."""
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    return frozenset(line[:2] for line in table.splitlines() if line[:2].isalpha() and line[2:3] == "\t")


def country(value: str) -> str:
    if value not in countries():
        better = {"UK": "GB", "EN": "GB"}.get(value.upper(), value.upper())
        hint = f"; did you mean {better}?" if better in countries() else ""
        raise mistake(f"{{value}} is not a country's two letters (ISO 3166: MA, QA, FR ...){hint}")
    return value


@lru_cache(maxsize=1)
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


def timezone(value: str) -> str:
    if value not in zones():
        raise mistake(f"{{value}} is not a time zone such as Africa/Casablanca{nearest(value, zones())}")
    return value


def split_url(value: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    """The parts of an address with a host. Raises a mistake without showing more than the scheme."""
    if re.search(r"[\s\\\x00-\x20]", value):
        raise mistake("an address holds no blanks, line breaks or backslashes")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise mistake(f"not an address: write it like {example}") from None
    if parts.scheme not in schemes:
        raise mistake(f"not an address that begins with {' or '.join(f'{name}://' for name in schemes)}")
    if not host:
        raise mistake(f"an address without a host: write it like {example}")
    return parts


def web_address(value: str) -> str:
    parts = split_url(value, ("http", "https"), "https://example.org/feed")
    if parts.username is not None:
        raise mistake("holds a user name before the @: addresses with a user or password are not read")
    return value


def mail_address(value: str) -> str:
    try:
        if not Address(addr_spec=value).domain:
            raise ValueError
    except (ValueError, IndexError, AttributeError, MessageError):
        raise mistake("{value} is not a mail address such as desk@example.org") from None
    return value


def host_and_port(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise mistake("{value} is not HOST:PORT, for example 127.0.0.1:8080")
    if not is_loopback(host.strip("[]")):
        raise mistake("{value} is open to the network, and this version knows no login: listen on 127.0.0.1")
    return value


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def one_line(value: str) -> str:
    if "\n" in value or not value.strip():
        raise mistake("empty: write some text" if not value.strip() else "one line of text is expected")
    return value.strip()


def words(value: str) -> str:
    if not any(character.isalnum() for character in value):
        raise mistake("{value} holds no letter or digit: nothing could be found by it")
    return one_line(value)


def link_key(value: str) -> str:
    if len(value) < SHORTEST_KEY:
        raise mistake(
            f"a key of at least {SHORTEST_KEY} characters is expected; openssl rand -base64 32 makes one"
        )
    return value


Duration = Annotated[
    timedelta,
    PlainValidator(duration),
    WithJsonSchema({"type": "string", "pattern": DURATION, "examples": ["60s", "10m", "2h", "365d"]}),
]
Wait = Annotated[
    timedelta,
    PlainValidator(wait),
    WithJsonSchema({"type": "string", "pattern": DURATION, "examples": ["0s", "2m"]}),
]
DurationOrNone = Annotated[
    timedelta | None,
    PlainValidator(duration_or_none),
    WithJsonSchema({"type": "string", "pattern": rf"^none$|{DURATION}", "examples": ["15m", "none"]}),
]
Clock = Annotated[
    time,
    PlainValidator(clock),
    WithJsonSchema({"type": "string", "pattern": CLOCK, "examples": ["07:30", "17:00"]}),
]
Clocks = Annotated[tuple[Clock, ...], Field(min_length=1), AfterValidator(clocks)]
Weekdays = Annotated[
    tuple[Annotated[str, AfterValidator(day), WithJsonSchema({"type": "string", "enum": list(DAYS)})], ...],
    Field(min_length=1),
    AfterValidator(weekdays),
]
Nothing = Annotated[None, PlainValidator(nothing), WithJsonSchema({"const": "none"})]
Rhythm = Annotated[
    timedelta | None,
    PlainValidator(rhythm),
    WithJsonSchema({"type": "string", "pattern": rf"^adaptive$|{DURATION}", "examples": ["adaptive", "10m"]}),
]
CaFile = Annotated[str, StringConstraints(max_length=4_000), AfterValidator(ca_file)]
Size = Annotated[
    int, PlainValidator(size), WithJsonSchema({"type": "string", "pattern": SIZE, "examples": ["10MB"]})
]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(one_line)]
Words = Annotated[str, StringConstraints(max_length=500), AfterValidator(words)]
Id = Annotated[
    str, AfterValidator(identifier), WithJsonSchema({"type": "string", "pattern": ID, "maxLength": 100})
]
Tag = Id
Language = Annotated[str, AfterValidator(language), WithJsonSchema({"type": "string", "enum": LANGUAGES})]
Country = Annotated[
    str,
    AfterValidator(country),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "examples": ["MA", "QA"]}),
]
TimeZone = Annotated[
    str,
    AfterValidator(timezone),
    WithJsonSchema({"type": "string", "examples": ["Africa/Casablanca", "UTC"]}),
]
WebAddress = Annotated[
    str,
    StringConstraints(max_length=2000),
    AfterValidator(web_address),
    WithJsonSchema(
        {"type": "string", "pattern": "^(https?://|\\$\\{)", "examples": ["https://example.org/feed"]}
    ),
]
MailAddress = Annotated[str, AfterValidator(mail_address)]
Listen = Annotated[str, AfterValidator(host_and_port)]
LinkKey = Annotated[str, AfterValidator(link_key)]
