"""Interpolation, secret files, and that a secret stays one."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.settings import load
from tests.settings.conftest import Folder

EMAIL = "email: {{server: 'smtps://user@mail.example.org', password: \"{}\", from: a@example.org}}\n"


def _password(folder: Folder, environ: dict[str, str] | None = None) -> str | None:
    email = folder.load(environ).email
    assert email is not None
    return email.password


# expression -> what it becomes, with HOST=h and EMPTY= in the environment
EXPRESSIONS = {
    "${HOST}": "h",
    "a ${HOST} b ${HOST}": "a h b h",
    "${HOST:-other}": "h",
    "${NONE:-other}": "other",
    "${EMPTY:-other}": "other",
    "${NONE:-a:-b}": "a:-b",
    # a plain ${ needs two dollars; other dollars need nothing
    "$${HOST}": "${HOST}",
    "$HOST $ $$5": "$HOST $ $$5",
    # what an interpolation brings is not looked at again
    "${NESTED}": "${HOST}",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_interpolation_becomes_its_value(expression: str, folder: Folder) -> None:
    folder.write("monitor.yaml", f"fetch: {{user_agent: '{expression}'}}\n")
    environ = {"HOST": "h", "EMPTY": "", "NESTED": "${HOST}"}
    assert folder.load(environ).fetch.user_agent == EXPRESSIONS[expression]


def test_an_unquoted_interpolation_takes_the_type_of_what_it_brings(folder: Folder) -> None:
    folder.write("monitor.yaml", "fetch:\n  per_host: ${N:-3}\n  allow_private: ${PRIVATE}\n")
    fetch = folder.load({"PRIVATE": "true"}).fetch
    assert (fetch.per_host, fetch.allow_private) == (3, True)


def test_what_an_interpolation_brings_is_never_yaml(folder: Folder) -> None:
    folder.write("sources/a.yaml", 'sources: [{id: a, url: "https://a.example.org/", name: "${NAME}"}]\n')
    name = "x}, {id: b"
    assert [source.name for source in folder.load({"NAME": name}).sources] == [name]


def test_a_secret_file_is_read_from_the_configurations_folder(folder: Folder) -> None:
    folder.write("monitor.yaml", EMAIL.format("${file:keys/smtp}"))
    folder.write("keys/smtp", "s3cret\n", mode=0o600)
    assert _password(folder) == "s3cret"


def test_an_absolute_secret_file_is_read_where_it_is(folder: Folder, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.write_text("s3cret")
    secret.chmod(0o640)
    folder.write("monitor.yaml", EMAIL.format(f"${{file:{secret}}}"))
    assert _password(folder) == "s3cret"


def test_systemds_credentials_come_before_the_configurations_folder(folder: Folder, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "smtp.key").write_text("of systemd\n")
    (credentials / "smtp.key").chmod(0o400)
    folder.write("smtp.key", "of the folder\n", mode=0o600)
    folder.write("other.key", "other\n", mode=0o600)
    folder.write("monitor.yaml", EMAIL.format("${file:smtp.key}"))
    assert _password(folder, {"CREDENTIALS_DIRECTORY": str(credentials)}) == "of systemd"
    folder.write("monitor.yaml", EMAIL.format("${file:other.key}"))
    assert _password(folder, {"CREDENTIALS_DIRECTORY": str(credentials)}) == "other"


# content and mode of the file -> the end of the message
REFUSED_FILES = {
    "readable by all": (b"s3cret", 0o604, "is open to every user (mode 0604): chmod 600 it"),
    "writable by all": (b"s3cret", 0o602, "is open to every user (mode 0602): chmod 600 it"),
    "empty": (b"\n", 0o600, "is empty"),
    "of two lines": (b"one\ntwo\n", 0o600, "holds more than one line, or control characters"),
    "binary": (b"\xff\xfe\x00", 0o600, "is not UTF-8 text"),
    "with a NUL": (b"a\x00b", 0o600, "holds more than one line, or control characters"),
    "huge": (b"x" * 100_000, 0o600, "is larger than 65,536 bytes: a secret is one line"),
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_secret_file_that_is_none_is_refused(name: str, folder: Folder) -> None:
    content, mode, message = REFUSED_FILES[name]
    folder.write("smtp.key", content, mode)
    folder.write("monitor.yaml", EMAIL.format("${file:smtp.key}"))
    assert folder.mistakes() == [f"monitor.yaml:1:61: the secret file smtp.key {message}"]


@pytest.mark.parametrize("path", ["../smtp.key", "a/../../smtp.key", "/etc/../etc/passwd", ".."])
def test_a_path_upwards_is_refused(path: str, folder: Folder) -> None:
    folder.write("monitor.yaml", EMAIL.format(f"${{file:{path}}}"))
    assert folder.mistakes() == [
        "monitor.yaml:1:61: ${file:PATH} wants a path without .., absolute or in the configuration's folder"
    ]


CANARY = "xyzzy-canary"

# file -> text with a secret from the environment in a wrong place, so that a message is about it
LEAKS = {
    "a password for a user that is none": (
        "monitor.yaml",
        "email: {server: 'smtps://mail.example.org', password: '${S}', from: a@example.org}",
    ),
    "a server that is none": ("monitor.yaml", "email: {server: '${S}', from: a@example.org}"),
    "a sender that is none": ("monitor.yaml", "email: {server: 'smtps://u@example.org', from: '${S}'}"),
    "a database that is none": ("monitor.yaml", "database: '${S}'"),
    "a listen address": ("monitor.yaml", "web: {listen: '${S}'}"),
    "a number": ("monitor.yaml", "fetch: {per_host: '${S}'}"),
    "a duration": ("monitor.yaml", "polling: {min: '${S}'}"),
    "a chat address": ("recipients.yaml", "recipients: [{id: a, channels: [{id: b, apprise: '${S}'}]}]"),
    "an id": ("recipients.yaml", "recipients: [{id: '${S} !', channels: [{id: b, console: true}]}]"),
    "a reference": ("watchlists/w.yaml", "watchlists: [{id: a, any: [x], notify: ['${S}']}]"),
    "a severity": ("watchlists/w.yaml", "watchlists: [{id: a, any: [x], severity: '${S}'}]"),
    "an entity": ("watchlists/w.yaml", "watchlists: [{id: a, any: [{entity: '${S}'}]}]"),
    "an id twice": ("entities/e.yaml", "entities: [{id: '${S}', name: A}, {id: '${S}', name: A}]"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_no_message_shows_what_an_interpolation_brought(name: str, folder: Folder) -> None:
    file, text = LEAKS[name]
    folder.write(file, text + "\n")
    mistakes = folder.mistakes({"S": CANARY})
    assert mistakes
    assert CANARY not in "\n".join(mistakes)


# file -> text with a secret written inline
INLINE = {
    "a password": (
        "monitor.yaml",
        "email: {server: 'smtps://u@example.org', password: xyzzy-canary, from: a@example.org}",
    ),
    "a password in the server": (
        "monitor.yaml",
        "email: {server: 'smtps://u:xyzzy-canary@example.org', from: a@example.org}",
    ),
    "a password with an @": (
        "monitor.yaml",
        "email: {server: 'smtps://u:xyzzy@-canary@example.org', from: a@example.org}",
    ),
    "beside a variable": ("monitor.yaml", "database: 'postgresql://u:xyzzy-canary@${HOST}/db'"),
    "as a default": ("monitor.yaml", "database: '${DB:-postgresql://u:xyzzy-canary@h/db}'"),
    "as a password's default": ("monitor.yaml", "database: 'postgresql://u:${PW:-xyzzy-canary}@h/db'"),
    "a chat address": (
        "recipients.yaml",
        "recipients: [{id: a, channels: [{id: b, apprise: 'tgram://xyzzy-canary/1'}]}]",
    ),
    "a webhook's secret": (
        "recipients.yaml",
        "recipients: [{id: a, channels: [{id: b, webhook: 'https://h.example.org/', secret: xyzzy-canary}]}]",
    ),
    "a number as a secret": (
        "recipients.yaml",
        "recipients: [{id: a, channels: [{id: b, webhook: 'https://h.example.org/', secret: 123456}]}]",
    ),
}


@pytest.mark.parametrize("name", INLINE)
def test_a_secret_written_inline_is_refused_and_not_shown(name: str, folder: Folder) -> None:
    file, text = INLINE[name]
    folder.write(file, text + "\n")
    told = "\n".join(folder.mistakes({"HOST": "h"}))
    assert "a secret written inline; write ${VAR} or ${file:PATH} instead, without a default" in told
    assert not [part for part in ("xyzzy", "canary", "123456") if part in told]


@pytest.mark.parametrize(
    "database",
    [
        "sqlite:///var/monitor.db",
        "postgresql://monitor@h/db",
        "postgresql://monitor:${PW}@h/db",
        "postgresql://monitor:${file:pw.key}@h/db",
        "postgresql://h/db?password=${PW}",
        "${DB:-sqlite:///var/monitor.db}",
        "sqlite:///${STATE_DIRECTORY:-var}/monitor.db",
    ],
)
def test_a_database_without_an_inline_secret_is_accepted(database: str, folder: Folder) -> None:
    folder.write("pw.key", "s3cret", mode=0o600)
    folder.write("monitor.yaml", f"database: '{database}'\n")
    assert "$" not in folder.load({"PW": "s3cret"}).database


def test_no_secret_stands_in_a_settings_repr(folder: Folder) -> None:
    folder.write("monitor.yaml", f"database: 'postgresql://u:${{S}}@h/db'\n{EMAIL.format('${S}')}")
    folder.write(
        "recipients.yaml",
        "recipients: [{id: a, channels: [{id: b, apprise: '${CHAT}'}, {id: c, webhook: 'https://h.example.org/', secret: '${S}'}]}]\n",
    )
    settings = load(folder.path, {"S": CANARY, "CHAT": f"tgram://{CANARY}/1"})
    assert CANARY in settings.database
    assert CANARY not in repr(settings)
