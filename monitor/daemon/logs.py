"""Where log lines go and how they look: JSON lines for the journal, coloured for a terminal.

Set up once by `monitor run`; everything below logs through `structlog.get_logger()` or `logging`, and both end here.
No secret gets past: what the configuration calls secret is replaced in every value and traceback.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import unquote, urlsplit

import structlog

from monitor.model import ChannelKind

if TYPE_CHECKING:
    from monitor.settings import Settings

HIDDEN = "[secret]"
# Shorter ones would blank out ordinary words, and a secret of three letters keeps nothing secret anyway
SHORTEST = 4
# What a terminal would obey instead of show: C0 and C1 controls, and the bidirectional overrides
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

RANKS = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}

# Libraries whose information is noise beside our own lines
QUIET = (
    "apscheduler",
    "uvicorn",
    "asyncio",
    "aiohttp",
    "alembic",
    "trafilatura",
    "htmldate",
    "charset_normalizer",
)


class Redaction:
    """A structlog processor that replaces the known secrets. It learns new ones at a reload and forgets none."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def learn(self, secrets: Iterable[str]) -> None:
        self._secrets.update(secret for secret in secrets if len(secret) >= SHORTEST)
        # the longest first, so that a secret inside another leaves no remainder
        ordered = sorted(self._secrets, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        if self._pattern is None:
            return event
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: object) -> object:
        if isinstance(value, (bool, int, float)) or value is None or self._pattern is None:
            return value
        if isinstance(value, Mapping):
            return {key: self._clean(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean(inner) for inner in value]
        return self._pattern.sub(HIDDEN, str(value))


def secrets_of(settings: Settings) -> set[str]:
    """Everything in the configuration that must not be read in a log."""
    found = {_password_of(settings.database)}
    if settings.email and settings.email.password:
        found.add(settings.email.password)
    if settings.web.link_key:
        found.add(settings.web.link_key)
    if settings.heartbeat:
        found.add(settings.heartbeat.url)
    for recipient in settings.recipients:
        for channel in recipient.channels:
            if channel.secret:
                found.add(channel.secret)
            if channel.kind in (ChannelKind.APPRISE, ChannelKind.WEBHOOK):
                # the token is somewhere in such an address, each service has its own place for it
                found.add(channel.target)
    return {secret for secret in found if secret}


def _password_of(url: str) -> str:
    return unquote(urlsplit(url).password or "")


def _harmless(logger: object, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """A hostile title must not write to the operator's terminal."""
    return {
        key: CONTROLS.sub("�", value) if isinstance(value, str) else value for key, value in event.items()
    }


def set_up(
    environ: Mapping[str, str], *, form: str = "auto", level: str = "info", stream: TextIO | None = None
) -> Redaction:
    """Route structlog and logging to `stream` (standard error). `form` is json, text, or auto: text on a terminal.

    Returns the redaction, which is to be told the secrets as soon as the configuration is read.
    """
    out = stream or sys.stderr
    text = form == "text" or (form == "auto" and out.isatty())
    redaction = Redaction()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.StackInfoRenderer(),
                # rendered to text before the redaction, which reads text
                structlog.processors.format_exc_info,
                redaction,
                *_rendering(text, colours=out.isatty() and not environ.get("NO_COLOR")),
                *([_ranked] if environ.get("JOURNAL_STREAM") and not text else []),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.ERROR if name == "apscheduler" else logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return redaction


def _ranked(logger: object, method: str, line: Any) -> str:
    """With the mark that the journal takes off and ranks a line by, so that `journalctl -p warning` finds it (sd-daemon(3))."""
    level = json.loads(line).get("level", "info")
    return f"<{RANKS.get(level, 6)}>{line}"


def _rendering(text: bool, *, colours: bool) -> list[Any]:
    if not text:
        return [structlog.processors.JSONRenderer(ensure_ascii=False, default=str)]
    return [
        _harmless,
        structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback),
    ]
