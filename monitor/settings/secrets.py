"""Interpolation of ${VAR}, ${VAR:-default} and ${file:PATH}, and the refusal of secrets written inline. Called by `load`.

What an interpolation brought is marked (`Scalar.substituted`) and never appears in a message. `$${` writes a plain `${`.
A relative PATH is looked for among systemd's credentials ($CREDENTIALS_DIRECTORY) first, then in the configuration's
folder. A file that every user of the machine can read is no secret and is refused.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from pathlib import PurePosixPath

from monitor.errors import Problem
from monitor.settings.document import Document, Path, Scalar, rewrite, scalars
from monitor.settings.fields import nearest
from monitor.settings.files import Unreadable, read_bytes

SECRET_BYTES = 65_536
PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")
VARIABLE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)
FORMS = "only ${VAR}, ${VAR:-default} and ${file:PATH} are known; write $${ for a plain ${"
NESTED = "placeholders do not nest; ${file:NAME} looks in systemd's $CREDENTIALS_DIRECTORY by itself"

# where secrets stand: (kind of file, path with None for a list's index) -> the whole value, or the password in an address
WHOLE, PASSWORD = "whole", "password"
PLACES = {
    ("monitor", ("database",)): PASSWORD,
    ("monitor", ("email", "server")): PASSWORD,
    ("monitor", ("email", "password")): WHOLE,
    ("monitor", ("web", "link_key")): WHOLE,
    ("monitor", ("heartbeat", "url")): WHOLE,
    ("sources", ("sources", None, "password")): WHOLE,
    ("recipients", ("recipients", None, "channels", None, "apprise")): WHOLE,
    ("recipients", ("recipients", None, "channels", None, "secret")): WHOLE,
}
IN_ADDRESS = re.compile(r"^[^:/?#]+://[^/?#]*?:([^@]*)@")
IN_QUERY = re.compile(r"[?&](?:ssl)?password=([^&#]*)")


class Refused(Exception):
    """Why a placeholder has no value."""


def interpolate(document: Document, directory: FilePath, environ: Mapping[str, str]) -> Document:
    """The document with every placeholder replaced; those without a value are among its problems."""
    if document.tree is None:
        return document
    texts: dict[Path, Scalar] = {}
    problems: list[Problem] = []
    for path, scalar in scalars(document.tree):
        if "${" in scalar.text:
            texts[path] = _replace(document, scalar, directory, environ, problems)
    tree = rewrite(document.tree, texts)
    return replace(document, tree=tree, problems=(*document.problems, *problems))


def inline_secrets(document: Document, kind: str) -> Iterator[Problem]:
    """The secrets that stand in the file itself. Wants the document as written, before `interpolate`."""
    for path, scalar in scalars(document.tree):
        place = secret_place(kind, path)
        if place and not scalar.style and not scalar.text:
            continue
        if (place == WHOLE and _inline(scalar.text)) or (place == PASSWORD and _holds_password(scalar.text)):
            message = f"{path[-1]}: a secret written inline; write ${{VAR}} or ${{file:PATH}} instead, without a default"
            yield Problem(document.file, *document.place(path), message)


def secret_place(kind: str, path: Path) -> str | None:
    """How a place holds a secret, if it does."""
    return PLACES.get((kind, tuple(None if isinstance(part, int) else part for part in path)))


def _replace(
    document: Document,
    scalar: Scalar,
    directory: FilePath,
    environ: Mapping[str, str],
    problems: list[Problem],
) -> Scalar:
    substituted = unset = False

    def value(found: re.Match[str]) -> str:
        nonlocal substituted, unset
        if found.group() == "$${":
            return "${"
        substituted = True
        try:
            if found.group(1).endswith("$"):
                raise Refused(NESTED)
            if not found.group(2):
                raise Refused(f"a ${{ without its }}: {FORMS}")
            return _lookup(found.group(1), directory, environ)
        except Refused as refused:
            problems.append(Problem(document.file, *document.place_in(scalar, found.start()), str(refused)))
            unset = True
            return ""

    text = PLACEHOLDER.sub(value, scalar.text)
    return replace(scalar, text=text, substituted=substituted, unset=unset)


def _lookup(expression: str, directory: FilePath, environ: Mapping[str, str]) -> str:
    if expression.startswith("file:"):
        return _read_secret(expression.removeprefix("file:"), directory, environ)
    found = VARIABLE.fullmatch(expression)
    if found is None:
        raise Refused(FORMS)
    name, default = found.groups()
    if default is not None:
        return environ.get(name) or default
    if name not in environ:
        raise Refused(f"${{{name}}} is not set in the environment{nearest(name, environ)}")
    return environ[name]


def _read_secret(name: str, directory: FilePath, environ: Mapping[str, str]) -> str:
    if not name or ".." in PurePosixPath(name).parts or "\0" in name:
        raise Refused("${file:PATH} wants a path without .., absolute or in the configuration's folder")
    path = directory / name
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    # os.path.exists, unlike Path.exists, answers False where the folder may not be searched
    if credentials and not PurePosixPath(name).is_absolute() and os.path.exists(f"{credentials}/{name}"):  # noqa: PTH110
        path = FilePath(credentials) / name
    try:
        data, state = read_bytes(path, SECRET_BYTES, "a secret is one line")
    except Unreadable as error:
        raise Refused(f"the secret file {path} {error}") from None
    if state.st_mode & 0o007:
        raise Refused(
            f"the secret file {path} is open to every user (mode {state.st_mode & 0o777:04o}): chmod 600 it"
        )
    return _secret_text(path, data)


def _secret_text(path: FilePath, data: bytes) -> str:
    try:
        text = data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise Refused(f"the secret file {path} is not UTF-8 text") from None
    if not text.strip():
        raise Refused(f"the secret file {path} is empty")
    if not text.isprintable():
        raise Refused(f"the secret file {path} holds more than one line, or control characters")
    return text


def _inline(text: str) -> bool:
    """Whether a value that is a secret as a whole has a part of it written out: nothing looked up, or a default."""
    names = [found.group(1) for found in PLACEHOLDER.finditer(text) if found.group(2)]
    return not names or any(
        ":-" in name and not name.endswith(":-") for name in names if not name.startswith("file:")
    )


def _holds_password(text: str) -> bool:
    """Whether the password of an address stands in it, or in a default."""
    shown = PLACEHOLDER.sub(_default, text)
    found = [match.group(1) for pattern in (IN_ADDRESS, IN_QUERY) for match in pattern.finditer(shown)]
    return any(password and "\0" not in password for password in found)


def _default(found: re.Match[str]) -> str:
    name, _, default = (found.group(1) or "").partition(":-")
    return "\0" if name.startswith("file:") or not default else default
