"""A sound configuration, and more than a hundred ways in which people break one: each with the file and line that is to blame, and
words of what they are told.

Data for the reload storm (`test_reload.py`); `SOUND` is a folder as {name: text}. A `Breakage` writes into a folder that holds it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DESKS = 4
WATCHLISTS = "watchlists/desks.yaml"
SOURCES = "sources/press.yaml"
PEOPLE = "entities/people.yaml"
RECIPIENTS = "recipients.yaml"
MONITOR = "monitor.yaml"
TESTS = "tests/desks.yaml"
HIDDEN = "hook.key"  # a secret's file

Deed = Callable[[Path], object]


def sound(press: str, relay: int, sink: int, listen: str) -> dict[str, str]:
    """Each desk looks for its own word, and hears of it by mail and webhook."""
    desks = range(DESKS)
    sources = "".join(
        f"  - id: press-{n}\n    url: {press}/{n}\n    kind: feed\n    every: 1s\n    backfill: true\n    tags: [daily]\n"
        for n in desks
    )
    watchlists = "".join(
        f"  - id: desk-{n}\n    title: Desk {n}\n    severity: high\n    any:\n      - rencontre{n}\n"
        f"      - near: {{within: 5, of: [minister, sommet]}}\n    none:\n      - entity: referee\n    notify: [desk-{n}]\n"
        for n in desks
    )
    recipients = "".join(
        f"  - id: desk-{n}\n    language: fr\n    timezone: Africa/Casablanca\n    channels:\n"
        f"      - {{id: mail, email: desk-{n}@example.org}}\n"
        f"      - {{id: hook, webhook: 'http://127.0.0.1:{sink}/desk-{n}', secret: '${{file:{HIDDEN}}}'}}\n"
        for n in desks
    )
    return {
        MONITOR: f'database: "${{STORM_DATABASE}}"\nfetch:\n  allow_private: true\n  deadline: 20s\n  per_host: 4\n'
        f"polling:\n  every: adaptive\n  min: 1s\nretention:\n  articles: 365d\nweb:\n  listen: {listen}\n"
        f"  public_url: http://127.0.0.1\nemail:\n  server: smtp://127.0.0.1:{relay}\n"
        "  from: Monitor <monitor@example.org>\noperators: [desk-0]\n",
        SOURCES: f"# The stage's outlets.\nsources:\n{sources}",
        PEOPLE: "entities:\n  - id: referee\n    name: Arbitre Central\n    names: [Arbitre Vidéo, حكم]\n",
        WATCHLISTS: f"# Who looks for what.\nwatchlists:\n{watchlists}",
        RECIPIENTS: f"recipients:\n{recipients}routes:\n  - match:\n      tags: [nowhere]\n    to: [desk-0]\n    group_wait: 2m\n",
        TESTS: "tests:\n  - watchlist: desk-0\n    match:\n      - {title: Une rencontre0 à Rabat, lang: fr}\n",
    }  # fmt: skip


@dataclass(frozen=True)
class Breakage:
    """`line`: where the first mistake of the file must be; 0: of the file as a whole. `says`: what its message holds."""

    name: str
    file: str
    line: int
    says: str
    deed: Deed


def swap(file: str, old: str, new: str, line: int, says: str, name: str = "") -> Breakage:
    """`old` stands in the sound file; its first place becomes `new`."""

    def deed(folder: Path) -> None:
        text = (folder / file).read_text("utf-8")
        assert old in text, (file, old)
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")

    return Breakage(name or f"{file}: {' '.join(new.split())[:60]}", file, line, says, deed)


def data(name: str, file: str, content: bytes | str, line: int, says: str) -> Breakage:
    """The whole file."""
    written = content.encode() if isinstance(content, str) else content
    return Breakage(name, file, line, says, lambda folder: _write(folder / file, written))


def act(name: str, file: str, line: int, says: str, deed: Deed) -> Breakage:
    return Breakage(name, file, line, says, deed)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _as(file: str, encoding: str) -> Deed:
    return lambda folder: (folder / file).write_bytes((folder / file).read_text("utf-8").encode(encoding))


def _cut(file: str, before: bytes) -> Deed:
    """Half written: what a full disk leaves, or an editor for a moment."""

    def deed(folder: Path) -> None:
        content = (folder / file).read_bytes()
        (folder / file).write_bytes(content[: content.index(before)])

    return deed


def _instead(file: str, deed: Deed) -> Deed:
    def act(folder: Path) -> None:
        (folder / file).unlink()
        deed(folder / file)

    return act


LAUGHS = "a: &a [lol, lol]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
ONE = "watchlists:\n  - {id: a, any: [x%s]}\n"
ANY = "      - rencontre0\n"


# fmt: off
BYTES = [
    # what an editor, a download or a full disk makes of a file
    data("a file of nothing", WATCHLISTS, b"", 0, 'is empty: half written? Remove the file if nothing is meant'),
    act("half a file", WATCHLISTS, 14, "severity: '' is not low, normal, high or critical", _cut(WATCHLISTS, b"high\n    any:\n      - rencontre1")),
    act("half a file of recipients", RECIPIENTS, 13, 'the quoted text that begins here has no end: half written, or a', _cut(RECIPIENTS, b"-1', secret")),
    act("UTF-16", WATCHLISTS, 1, 'is UTF-16: save it as UTF-8', _as(WATCHLISTS, "utf-16")),
    act("Latin-1", PEOPLE, 4, 'byte 0xE9 is not UTF-8 (Latin-1 or Windows-1252?): save the file as', lambda folder: (folder / PEOPLE).write_bytes("entities:\n  - id: referee\n    name: Arbitre Central\n    names: [Arbitre Vidéo]\n".encode("latin-1"))),
    data("Windows-1256", PEOPLE, "entities:\n  - id: a\n    name: حكم\n".encode("windows-1256"), 3, 'byte 0xCD is not UTF-8 (Latin-1 or Windows-1252?): save the file as'),
    data("a NUL", WATCHLISTS, b"watchlists:\n  - {id: a, any: [x\0y]}\n", 2, 'a NUL cannot stand in YAML: remove it'),
    data("an escape character", WATCHLISTS, b"watchlists:\n  - {id: a, any: [\x1b[31m]}\n", 2, 'a control character U+001B cannot stand in YAML: remove it'),
    data("half a character", WATCHLISTS, "watchlists:\n  - {id: a, any: [é".encode()[:-1], 2, 'byte 0xC3 is not UTF-8 (Latin-1 or Windows-1252?): save the file as'),
    data("a BOM in the middle", WATCHLISTS, "watchlists:\n  - \ufeffid: a\n".encode(), 2, "'\\ufeffid': unknown key; did you mean id?"),
    data("5 MB", WATCHLISTS, "watchlists:\n" + "  - {id: a, any: [x]}\n" * 230_000, 0, 'is larger than 1,000,000 bytes: split it'),
    data("1 MB of one word", WATCHLISTS, ONE % ("x" * 950_000), 2, 'any: the query has 950001 characters; 200000 at most: split it'),
    data("a picture", WATCHLISTS, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, 1, 'byte 0x89 is not UTF-8 (Latin-1 or Windows-1252?): save the file as'),
    data("an archive", WATCHLISTS, b"\x1f\x8b\x08\x00" + bytes(500), 1, 'byte 0x8B is not UTF-8 (Latin-1 or Windows-1252?): save the file as'),
    data("a web page", WATCHLISTS, "<!doctype html><html><title>502 Bad Gateway</title></html>", 1, 'keys and values are expected (key: value), not <!doctype'),
    data("a merge conflict", WATCHLISTS, "watchlists:\n<<<<<<< HEAD\n  - {id: a, any: [x]}\n=======\n  - {id: b, any: [y]}\n>>>>>>> theirs\n", 2, 'a conflict that a merge left behind: keep one side, and remove the'),
]

YAML = [
    data("a billion laughs", WATCHLISTS, LAUGHS, 1, 'anchor &a: anchors are not accepted; remove it'),
    data("an alias", WATCHLISTS, "watchlists:\n  - &one {id: a, any: [x]}\n  - *one\n", 2, 'anchor &one: anchors are not accepted; remove it'),
    data("an anchor that holds itself", WATCHLISTS, "watchlists: &a [*a]\n", 1, 'anchor &a: anchors are not accepted; remove it'),
    data("a merge key", WATCHLISTS, "watchlists:\n  - {<<: {id: a}, any: [x]}\n", 2, 'id is missing'),
    data("a Python tag", WATCHLISTS, "watchlists: !!python/object/apply:os.system ['touch pwned']\n", 1, 'tag tag:yaml.org,2002:python/object/apply:os.system: tags are not'),
    data("a binary tag", WATCHLISTS, "watchlists:\n  - {id: !!binary aGVsbG8=, any: [x]}\n", 2, 'tag tag:yaml.org,2002:binary: tags are not accepted; remove it'),
    data("a tag directive", WATCHLISTS, "%TAG ! tag:yaml.org,2002:python/\n---\nwatchlists: []\n", 1, 'YAML directives (%YAML, %TAG) are not accepted; remove the line'),
    data("two documents", WATCHLISTS, "watchlists: []\n---\nwatchlists: []\n", 2, 'a second document: one document a file; remove the --- or split the'),
    data("20,000 brackets", WATCHLISTS, "watchlists: " + "[" * 20_000 + "]" * 20_000, 1, 'nested deeper than 50 levels'),
    data("20,000 nested mappings", WATCHLISTS, "{a: " * 20_000, 1, 'nested deeper than 50 levels'),
    data("20,000 nested dashes", WATCHLISTS, "watchlists: \n" + "- " * 20_000, 2, 'nested deeper than 50 levels'),
    data("a tab", WATCHLISTS, "watchlists:\n\t- {id: a, any: [x]}\n", 2, 'a tab: YAML is indented with spaces'),
    data("a tab behind a dash", WATCHLISTS, "watchlists:\n  -\tid: a\n\t any: [x]\n", 2, 'a tab: YAML is indented with spaces'),
    data("a bracket left open", WATCHLISTS, "watchlists:\n  - {id: a, any: [x}\n  - {id: b, any: [x]}\n", 2, 'the bracket of 2:18 is not closed, or a comma is missing'),
    data("a quote left open", WATCHLISTS, "watchlists:\n  - {id: a, any: ['x]}\n  - {id: b, any: [x]}\n", 2, 'the quoted text that begins here has no end: half written, or a'),
    data("a colon in a headline", WATCHLISTS, "watchlists:\n  - id: a\n    title: Doha: le sommet\n    any: [x]\n", 3, "': ' cannot stand here: check the indentation, or put the text in"),
    data("an indentation that slipped", WATCHLISTS, "watchlists:\n  - id: a\n    any: [x]\n   notify: [desk-0]\n", 4, 'indented differently from the lines above it'),
    data("a dash that slipped", WATCHLISTS, "watchlists:\n  - id: a\n    any: [x]\n - id: b\n    any: [y]\n", 4, 'indented differently from the lines above it'),
    data("a key without a colon", WATCHLISTS, "watchlists:\n  - id: a\n    any [x]\n    notify: [desk-0]\n", 3, "a line that is neither 'key: value' nor '- item'"),
    data("an @ at a word's beginning", WATCHLISTS, "watchlists:\n  - id: a\n    any: [@everyone]\n", 3, 'text that begins with @ needs quotes'),
    data("a * at a word's beginning", WATCHLISTS, "watchlists:\n  - id: a\n    any:\n      - *terror\n", 4, 'alias *terror: aliases are not accepted; put text that begins with *'),
    data("a key twice", WATCHLISTS, "watchlists:\n  - id: a\n    any: [x]\n    any: [y]\n", 4, 'any: duplicate key; first at 3:5'),
    data("a list as a key", WATCHLISTS, "watchlists:\n  - ? [a, b]\n    : c\n", 2, "a list or mapping cannot be a key: a key is a word followed by ': '"),
    data("a number of 5,000 digits", WATCHLISTS, ONE.replace("x%s", "1" * 5_000), 2, 'a number of more than 18 digits; put it in quotes if it is text'),
    data("an escape that no text may hold", WATCHLISTS, 'watchlists:\n  - {id: a, any: ["\\ud800"]}\n', 2, 'an escape stands for U+D800, which no text may hold'),
    data("a list instead of a mapping", WATCHLISTS, "- {id: a, any: [x]}\n", 1, 'keys and values are expected (key: value), not a list'),
    data("a word alone", WATCHLISTS, "watchlists\n", 1, 'keys and values are expected (key: value), not watchlists'),
    data("nothing but a comment", WATCHLISTS, "# later\n", 1, 'holds nothing but comments: remove the file if nothing is meant'),
    data("JSON with a comment", WATCHLISTS, '{"watchlists": [ // mine\n {"id": "a", "any": ["x"]}]}\n', 2, 'the bracket of 1:16 is not closed, or a comma is missing'),
]

KEYS = [
    swap(WATCHLISTS, "severity: high", "severty: high", 5, 'severty: unknown key; did you mean severity?'),
    swap(WATCHLISTS, "    any:\n", "    anny:\n", 6, 'anny: unknown key; did you mean any?'),
    swap(WATCHLISTS, "watchlists:", "watchlist:", 2, 'watchlist: unknown key; did you mean watchlists?'),
    swap(WATCHLISTS, "    notify: [desk-0]", "    recipients: [desk-0]", 11, 'recipients: unknown key; known are id, title, severity, any, all,'),
    swap(WATCHLISTS, "    notify: [desk-0]", "    regex: '(a+)+$'", 11, 'regex: unknown key; known are id, title, severity, any, all, none,'),
    swap(SOURCES, "    kind: feed", "    kind: rss", 5, 'kind: rss is not a kind of source; did you mean feed?'),
    swap(SOURCES, "    tags: [daily]", "    selector: div.post", 8, 'selector: unknown key; known are id, kind, url, name, country,'),
    swap(SOURCES, "    tags: [daily]", "    items: article.card", 8, 'items: only for kind page, and this source is a feed'),
    swap(MONITOR, "polling:", "poling:", 6, 'poling: unknown key; did you mean polling?'),
    swap(MONITOR, "  per_host: 4", "  per_hosts: 4", 5, 'per_hosts: unknown key; did you mean per_host?'),
    swap(RECIPIENTS, "    language: fr", "    langage: fr", 3, 'langage: unknown key; did you mean language?'),
    swap(RECIPIENTS, "{id: mail, email: desk-0@example.org}", "{id: mail, mail: desk-0@example.org}", 6, 'mail: unknown key; did you mean email?'),
    swap(RECIPIENTS, "    group_wait: 2m", "    group_by: [story]", 30, 'group_by: unknown key; did you mean group_wait?'),
    swap(SOURCES, "  - id: press-0\n    url", "  - url", 3, 'id is missing'),
    swap(SOURCES, "    url: http://127", "    # url: http://127", 3, 'url is missing'),
    swap(TESTS, "  - watchlist: desk-0\n    match:", "  - match:", 2, 'watchlist is missing'),
]

VALUES = [
    swap(SOURCES, "every: 1s", "every: 0s", 6, 'every: 0s is no time at all: a duration such as 60s, 10m, 2h, 365d is'),
    swap(SOURCES, "every: 1s", "every: 0", 6, 'every: 0 is no time at all: a duration such as 60s, 10m, 2h, 365d is'),
    swap(SOURCES, "every: 1s", "every: -5", 6, 'every: -5 is negative: a duration such as 60s, 10m, 2h, 365d is'),
    swap(SOURCES, "every: 1s", "every: 5", 6, 'every: 5 has no unit: write a duration such as 60s, 10m, 2h, 365d'),
    swap(SOURCES, "every: 1s", "every: 1 hour", 6, 'every: 1 hour is not a duration such as 60s, 10m, 2h, 365d'),
    swap(SOURCES, "every: 1s", "every: 99999999999999999d", 6, 'every: 99999999999999999d is not a duration such as 60s, 10m, 2h, 365d'),
    swap(SOURCES, "every: 1s", "every: .inf", 6, 'every: .inf is neither adaptive nor a duration such as 10m'),
    swap(SOURCES, "backfill: true", "backfill: yes", 7, 'backfill: true or false is expected, not yes; did you mean true?'),
    swap(SOURCES, "tags: [daily]", "tags: daily", 8, 'tags: a list is expected: write [daily]'),
    swap(SOURCES, "tags: [daily]", "tags: [Daily News]", 8, 'tags: Daily News is not an id: small letters, digits, - and _ only;'),
    swap(SOURCES, "tags: [daily]", "tier: 0", 8, 'tier: 0 is less than 1'),
    swap(SOURCES, "tags: [daily]", "country: no", 8, "country: no is not a country's two letters (ISO 3166: MA, QA, FR"),
    swap(SOURCES, "tags: [daily]", "language: french", 8, "language: french is not a language's two letters (ISO 639-1: fr, ar,"),
    swap(SOURCES, "url: http://127", "url: ftp://127", 4, 'url: not an address that begins with http:// or https://'),
    swap(SOURCES, "url: http://127", "url: file:///etc/passwd#", 4, 'url: not an address that begins with http:// or https://'),
    swap(SOURCES, "url: http://127", "url: 127", 4, 'url: not an address that begins with http:// or https://'),
    swap(SOURCES, "url: http://127", "url: 'http://user:secret@127", 4, 'the quoted text that begins here has no end: half written, or a', "a quote left open in an address"),
    swap(SOURCES, "id: press-0", "id: Press 0", 3, 'id: Press 0 is not an id: small letters, digits, - and _ only; for'),
    swap(SOURCES, "id: press-0", "id: ../press", 3, 'id: ../press is not an id: small letters, digits, - and _ only; for'),
    swap(SOURCES, "id: press-0", "id: 2026", 3, 'id: text is expected; put 2026 in quotes'),
    swap(MONITOR, "deadline: 20s", "deadline: -1s", 4, 'deadline: -1s is negative: a duration such as 60s, 10m, 2h, 365d is'),
    swap(MONITOR, "per_host: 4", "per_host: 0", 5, 'per_host: 0 is less than 1'),
    swap(MONITOR, "per_host: 4", "per_host: 1e400", 5, 'per_host: a whole number is expected, not 1e400'),
    swap(MONITOR, "min: 1s", "min: 3h\n  max: 1h", 7, 'polling: min (3h) is longer than max (1h)'),
    swap(MONITOR, "articles: 365d", "articles: forever", 10, 'articles: forever is not a duration such as 60s, 10m, 2h, 365d'),
    swap(MONITOR, "listen: 127.0.0.1", "listen: 0.0.0.0", 12, 'is open to the network, and this version knows no login'),
    swap(MONITOR, "smtp://127.0.0.1", "mailto://127.0.0.1", 15, 'server: not an address that begins with smtps:// or smtp://'),
    swap(MONITOR, "from: Monitor <monitor@example.org>", "from: Monitor", 16, 'from: Monitor is not a mail address such as desk@example.org'),
    swap(MONITOR, 'database: "${STORM_DATABASE}"', "database: mysql://localhost/monitor", 1, 'database: not sqlite:///PATH or postgresql://USER@HOST/NAME'),
    swap(RECIPIENTS, "timezone: Africa/Casablanca", "timezone: Africa/Casablanka", 4, 'timezone: Africa/Casablanka is not a time zone such as'),
    swap(RECIPIENTS, "timezone: Africa/Casablanca", "timezone: ../../etc/passwd", 4, 'timezone: ../../etc/passwd is not a time zone such as'),
    swap(RECIPIENTS, "email: desk-0@example.org", "email: desk-0", 6, 'email: desk-0 is not a mail address such as desk@example.org'),
    swap(RECIPIENTS, "webhook: 'http://127", "webhook: 'ftp://127", 7, 'webhook: not an address that begins with https:// or http://'),
    swap(RECIPIENTS, "{id: mail, email: desk-0@example.org}", "{id: mail, email: desk-0@example.org, console: true}", 6, 'a channel is exactly one of email, apprise, webhook, console, file;'),
    swap(RECIPIENTS, "    group_wait: 2m", '    digest: {at: ["25:00"]}', 30, 'at: 25:00 is not a time of day such as 07:30'),
    swap(RECIPIENTS, "    group_wait: 2m", "    digest: {at: []}", 30, 'at: at least 1 wanted, here are 0'),
    swap(RECIPIENTS, "    group_wait: 2m", '    digest: {at: ["07:30"], days: [monday]}', 30, 'days: monday is not a day: mon, tue, wed, thu, fri, sat, sun; did you'),
    swap(RECIPIENTS, "    group_wait: 2m", '    quiet_hours: {from: "21:00", to: "21:00"}', 30, 'quiet_hours: quiet hours from 21:00 to 21:00 never begin or never end'),
    swap(RECIPIENTS, "    group_wait: 2m", "    group_wait: 2 days", 30, 'group_wait: 2 days is not a duration such as 60s, 10m, 2h, 365d'),
    swap(RECIPIENTS, "    group_wait: 2m", "    escalate_after: 15m", 30, 'escalate_after: escalate_to is missing: name who hears next'),
    swap(WATCHLISTS, "severity: high", "severity: urgent", 5, 'severity: urgent is not low, normal, high or critical'),
    swap(WATCHLISTS, "severity: high", "severity: [high]", 5, 'severity: a list is not low, normal, high or critical'),
    swap(WATCHLISTS, "title: Desk 0", "title: ''", 4, 'title: empty: write some text'),
    swap(WATCHLISTS, "notify: [desk-0]", "where: {languages: [FR]}", 11, "languages: FR is not a language's two letters (ISO 639-1: fr, ar, en,"),
    swap(WATCHLISTS, "notify: [desk-0]", "where: {countries: [Morocco]}", 11, "countries: Morocco is not a country's two letters (ISO 3166: MA, QA,"),
    swap(WATCHLISTS, "within: 5", "within: -1", 8, 'within: -1 is less than 0'),
    swap(WATCHLISTS, "of: [minister, sommet]", "of: [minister]", 8, 'of: at least 2 wanted, here is 1'),
    swap(TESTS, "{title: Une rencontre0 à Rabat, lang: fr}", "{lang: fr}", 4, 'an article needs a title or a body'),
]

QUERIES = [
    swap(WATCHLISTS, ANY, "      - /(rencontre/\n", 7, 'any: /(rencontre/ cannot be used: missing ): (rencontre', "a regex that is none"),
    swap(WATCHLISTS, ANY, "      - //\n", 7, 'any: the regular expression is empty', "a regex of nothing"),
    swap(WATCHLISTS, ANY, "      - /.*/\n", 7, 'any: /.*/ matches the empty text, so every article: make a part of it', "a regex that matches all"),
    swap(WATCHLISTS, ANY, "      - /a*/\n", 7, 'any: /a*/ matches the empty text, so every article: make a part of it', "a regex that matches nothing at all"),
    swap(WATCHLISTS, ANY, "      - /(?=x)y/\n", 7, 'any: /(?=x)y/ cannot be used: lookahead and lookbehind are refused:', "a regex that looks ahead"),
    swap(WATCHLISTS, ANY, "      - /(a)\\1/\n", 7, 'any: /(a)\\1/ cannot be used: back references are refused: they cannot', "a regex that refers back"),
    swap(WATCHLISTS, ANY, "      - /x{1,100000}/\n", 7, 'any: /x{1,100000}/ cannot be used: invalid repetition size: {1,100000}', "a regex that would be huge"),
    swap(WATCHLISTS, ANY, "      - /((a{99}){99}){99}$/\n", 7, 'any: /((a{99}){99}){99}$/ cannot be used: invalid repetition size:', "a regex made to cost"),
    swap(WATCHLISTS, ANY, "      - '*'\n", 7, "any: nothing to look for in '*': it holds no letter or digit", "a wildcard alone"),
    swap(WATCHLISTS, ANY, "      - 'r*'\n", 7, 'any: r*: 3 letters at least must stand before *', "one letter and a wildcard"),
    swap(WATCHLISTS, ANY, "      - ''\n", 7, 'any: the query is empty: write what to look for', "an empty term"),
    swap(WATCHLISTS, ANY, "      - '!!!'\n", 7, "any: nothing to look for in '!!!': it holds no letter or digit", "a term without a letter"),
    swap(WATCHLISTS, ANY, "      -\n", 7, 'any: text is expected, and nothing is here; remove the key if nothing', "a dash without a term"),
    swap(WATCHLISTS, ANY, "      - rencontre0 AND\n", 7, 'any: the query ends where a word, phrase or ( should follow', "an AND without an end"),
    swap(WATCHLISTS, ANY, "      - (rencontre0 | sommet\n", 7, 'any: the ( at column 1 is never closed: expected ) but found the end', "a parenthesis left open"),
    swap(WATCHLISTS, ANY, "      - '\"rencontre0'\n", 7, 'any: the quote " is never closed: write "several words"', "a quotation mark left open"),
    swap(WATCHLISTS, ANY, "      - NOT rencontre0\n", 7, 'any: only NOT: this would match every article in which nothing is', "nothing but a NOT"),
    swap(WATCHLISTS, ANY, "      - NEAR/x(a, b)\n", 7, 'any: NEAR/x: write NEAR/5(...), in capitals, with a number and its', "a NEAR of no number"),
    swap(WATCHLISTS, ANY, "      - titel:rencontre0\n", 7, 'any: titel: is no field or prefix. did you mean title:? To look for', "an unknown field"),
    swap(WATCHLISTS, ANY, "      - " + "(" * 5_000 + "a" + ")" * 5_000 + "\n", 7, 'any: more than 40 levels in one another: split the query into', "5,000 parentheses"),
    swap(WATCHLISTS, ANY, "      - " + " | ".join(f"w{n}x" for n in range(60_000)) + "\n", 7, 'any: the query has 588887 characters; 200000 at most: split it', "60,000 alternatives"),
    swap(WATCHLISTS, ANY, "      - 2026\n", 7, 'any: text is expected; put 2026 in quotes', "a number as a term"),
    swap(WATCHLISTS, ANY, "      - true\n", 7, 'any: text is expected; put true in quotes', "a truth as a term"),
    swap(WATCHLISTS, ANY, "      - 12:30:00: x\n", 7, "text is expected, not a mapping (key: value); text that holds ': '", "a mapping as a term"),
    data("a watchlist that looks for nothing", WATCHLISTS, "watchlists:\n  - {id: a, notify: [desk-0]}\n", 2, 'the watchlist looks for nothing: write any, all or query'),
    data("a watchlist that only excludes", WATCHLISTS, "watchlists:\n  - {id: a, none: [x]}\n", 2, 'the watchlist looks for only none: write any, all or query'),
    data("an empty list of terms", WATCHLISTS, "watchlists:\n  - {id: a, any: []}\n", 2, 'the watchlist looks for nothing: write any, all or query'),
]

REFERENCES = [
    swap(WATCHLISTS, "notify: [desk-0]", "notify: [desk-9]", 11, 'notify: no recipient is called desk-9; did you mean desk-3?'),
    swap(WATCHLISTS, "entity: referee", "entity: refere", 10, 'entity: no entity is called refere; did you mean referee?'),
    swap(WATCHLISTS, ANY, "      - entity:nobody\n", 7, 'any: no entity is called nobody', "an unknown entity in a query"),
    swap(WATCHLISTS, ANY, "      - query: '@nothing'\n", 7, 'query: no watchlist is called nothing', "an unknown watchlist in a query"),
    swap(WATCHLISTS, ANY, "      - query: '@desk-0'\n", 3, 'the watchlist refers to itself: desk-0 -> desk-0', "a watchlist that refers to itself"),
    swap(WATCHLISTS, "notify: [desk-0]", "where: {sources: [press-9]}", 11, 'sources: no source is called press-9; did you mean press-3?'),
    swap(WATCHLISTS, "id: desk-1", "id: desk-0", 12, 'id: a second watchlist desk-0; the first is at'),
    swap(SOURCES, "id: press-1", "id: press-0", 9, 'id: a second source press-0; the first is at sources/press.yaml:3:9'),
    swap(RECIPIENTS, "  - id: desk-1", "  - id: desk-0", 8, 'id: a second recipient desk-0; the first is at recipients.yaml:2:9'),
    swap(RECIPIENTS, "{id: hook,", "{id: mail,", 2, 'two channels of one id: mail'),
    swap(RECIPIENTS, "    to: [desk-0]", "    to: [security]", 29, 'to: no recipient is called security'),
    swap(RECIPIENTS, "    group_wait: 2m", "    escalate_after: 15m\n    escalate_to: [boss]", 31, 'escalate_to: no recipient is called boss'),
    swap(MONITOR, "operators: [desk-0]", "operators: [admin]", 17, 'operators: no recipient is called admin'),
    swap(TESTS, "watchlist: desk-0", "watchlist: desk-7", 2, 'watchlist: no watchlist is called desk-7; did you mean desk-3?'),
    act("recipients that vanished", WATCHLISTS, 11, 'notify: no recipient is called desk-0; none is defined', lambda folder: (folder / RECIPIENTS).unlink()),
    act("entities that vanished", WATCHLISTS, 10, 'entity: no entity is called referee; none is defined', lambda folder: (folder / PEOPLE).unlink()),
    act("a mail server that vanished", RECIPIENTS, 6, 'email: monitor.yaml names no mail server (email: {server, from})', lambda folder: (folder / MONITOR).write_text('database: "${STORM_DATABASE}"\n')),
    act("a copy of a file", WATCHLISTS, 3, 'id: a second watchlist desk-0; the first is at', lambda folder: (folder / "watchlists/desks-copy.yaml").write_bytes((folder / WATCHLISTS).read_bytes())),
]

SECRETS = [
    act("a secret that all may read", RECIPIENTS, 7, 'the secret file hook.key is open to every user (mode 0644): chmod 600', lambda folder: (folder / HIDDEN).chmod(0o644)),
    act("a secret that all may write", RECIPIENTS, 7, 'the secret file hook.key is open to every user (mode 0622): chmod 600', lambda folder: (folder / HIDDEN).chmod(0o622)),
    act("a secret that vanished", RECIPIENTS, 7, 'the secret file hook.key is not there', lambda folder: (folder / HIDDEN).unlink()),
    act("a secret of nothing", RECIPIENTS, 7, 'the secret file hook.key is empty', lambda folder: (folder / HIDDEN).write_text("")),
    act("a secret of two lines", RECIPIENTS, 7, 'the secret file hook.key holds more than one line, or control', lambda folder: (folder / HIDDEN).write_text("one\ntwo\n")),
    act("a secret of 5 MB", RECIPIENTS, 7, 'the secret file hook.key is larger than 65,536 bytes: a secret is one', lambda folder: (folder / HIDDEN).write_text("x" * 5_000_000)),
    act("a secret that is a folder", RECIPIENTS, 7, 'the secret file hook.key cannot be read: Is a directory', _instead(HIDDEN, lambda path: path.mkdir())),
    swap(RECIPIENTS, "${file:hook.key}", "${file:../hook.key}", 7, '${file:PATH} wants a path without .., absolute or in the'),
    swap(RECIPIENTS, "'${file:hook.key}'", "k3y-in-the-open", 7, 'secret: a secret written inline; write ${VAR} or ${file:PATH}'),
    swap(RECIPIENTS, "${file:hook.key}", "${NOBODY_SET_THIS}", 7, '${NOBODY_SET_THIS} is not set in the environment'),
    swap(RECIPIENTS, "${file:hook.key}", "${file:hook.key", 7, 'secret: a secret written inline; write ${VAR} or ${file:PATH}'),
    swap(MONITOR, "smtp://127.0.0.1", "smtp://me:hunter2@127.0.0.1", 15, 'server: a secret written inline; write ${VAR} or ${file:PATH}'),
]

FILES = [
    act("a file that is a folder", WATCHLISTS, 0, 'cannot be read: Is a directory', _instead(WATCHLISTS, lambda path: path.mkdir())),
    act("a file that is a pipe", WATCHLISTS, 0, 'is not a regular file', _instead(WATCHLISTS, os.mkfifo)),
    act("a link to nothing", WATCHLISTS, 0, 'is not there', _instead(WATCHLISTS, lambda path: path.symlink_to("gone.yaml"))),
    act("a link to itself", WATCHLISTS, 0, 'cannot be read: Too many levels of symbolic links', _instead(WATCHLISTS, lambda path: path.symlink_to(path.name))),
    act("a link to /dev/zero", WATCHLISTS, 0, 'is not a regular file', _instead(WATCHLISTS, lambda path: path.symlink_to("/dev/zero"))),
    act("a file by another ending", "watchlists/more.yml", 0, 'a file that is not read; name it more.yaml', lambda folder: (folder / "watchlists/more.yml").write_text("watchlists: []\n")),
    act("a file in the wrong place", "watchlist.yaml", 0, 'a file that is not read; did you mean watchlists/watchlist.yaml?', lambda folder: (folder / "watchlist.yaml").write_text("watchlists: []\n")),
    act("sources among the watchlists", "watchlists/press.yaml", 2, 'sources: unknown key; known are watchlists', lambda folder: (folder / "watchlists/press.yaml").write_bytes((folder / SOURCES).read_bytes())),
    data("a file of an include", WATCHLISTS, "include: ../../etc/passwd\n", 1, 'include: unknown key; known are watchlists'),
    data("an include tag", WATCHLISTS, "watchlists: !include ../secret.yaml\n", 1, 'tag !include: tags are not accepted; remove it'),
]
# fmt: on

BREAKAGES = [*BYTES, *YAML, *KEYS, *VALUES, *QUERIES, *REFERENCES, *SECRETS, *FILES]
