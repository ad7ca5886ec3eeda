"""What a chat service's answer means, where its status alone does not say it. Pure.

Called by chat, in its child process. Slack, Telegram and Matrix can refuse inside a 200, and Telegram, Matrix and Discord state
in the body for how long a sender should wait. A generic JSON endpoint is the operator's own: its status counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.deliver.broken import Broken

READ = 16_384  # bytes of an answer
GENERIC = frozenset(("json", "jsons", "form", "forms", "xml", "xmls"))


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer as it counts. `refusal`: the service's own words where it did not take the message, though it said 200."""

    status: int | None = None
    retry_after: str | None = None  # seconds, or the header as it stood
    refusal: str = ""
    broken: Broken | None = None  # where there was no answer


def seen(status: int, headers: Mapping[str, str], body: bytes, schemes: frozenset[str]) -> Seen:
    """`schemes`: what Apprise calls the service in an address."""
    said = {} if schemes & GENERIC else _object(body)
    stated = headers.get("Retry-After")
    wait = _seconds(said)
    refusal = _refusal(said) if status < 300 else ""
    inner = said.get("error_code") if refusal else None
    if isinstance(inner, int) and 400 <= inner < 600:
        status = inner  # Telegram's: the status that its proxy replaced
    return Seen(status, stated if wait is None else wait, refusal)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body[:READ])
    except (ValueError, RecursionError):  # also of bytes that are no text
        return {}
    return found if isinstance(found, dict) else {}


def _refusal(said: Mapping[str, Any]) -> str:
    """Slack and Telegram: `ok` is false. Matrix: there is an `errcode`. Others: there is an `error`."""
    words = next((said[key] for key in ("description", "error", "errcode") if said.get(key)), "")
    if said.get("ok") is False or said.get("errcode") or (said.get("error") and said.get("ok") is not True):
        return str(words) or "no reason given"
    return ""


def _seconds(said: Mapping[str, Any]) -> str | None:
    """Telegram's parameters.retry_after and Discord's retry_after are seconds, Matrix's retry_after_ms milliseconds."""
    parameters = said.get("parameters")
    nested = parameters.get("retry_after") if isinstance(parameters, dict) else None
    for value, unit in ((nested, 1), (said.get("retry_after"), 1), (said.get("retry_after_ms"), 1000)):
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
            return f"{value / unit:.3f}"
    return None
