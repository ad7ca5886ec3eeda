"""Alerts on the terminal, for trying and for the demo: a panel with the reasons highlighted.

Called through `senders`. Foreign text is set as text, never as rich's markup, and render has taken the control characters out.
"""

from __future__ import annotations

import errno
import os
import re

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from monitor.model import Channel, Message, Outcome, Retry, Sent

_MARKED = re.compile(r"\*\*(.+?)\*\*")
_COLOURS = {"low": "bright_black", "normal": "blue", "high": "yellow", "critical": "red"}


class ConsoleSender:
    """Prints to one console; `channel.target` is not used."""

    def __init__(self, console: Console) -> None:
        self._console = console
        # rich ends the whole process where its reader has gone; here that costs one attempt.
        console.on_broken_pipe = _gone  # type: ignore[method-assign]

    async def send(self, channel: Channel, message: Message) -> Outcome:
        try:
            self._console.print(panel(message, colours=self._console.color_system is not None))
        except OSError as error:
            return Retry(f"cannot write to the terminal: {error.strerror or error}", kind="disk")
        return Sent()


def _gone() -> None:
    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def panel(message: Message, *, colours: bool = True) -> Panel:
    """Without colours the marks stay as ** around what was found."""
    headline, _, rest = message.text.partition("\n\n")
    alert, _, _foot = rest.partition("\n-- \n")
    body = Text.assemble(_lit(headline, "bold", colours), "\n\n", _lit(alert.strip(), "", colours))
    body.highlight_regex(r"(?m)^• .*$", "bold")
    colour = _COLOURS.get(str(message.data.get("severity")), "blue")
    reference = Text(message.reference, "dim")
    return Panel(body, border_style=colour, subtitle=reference, subtitle_align="right", padding=(1, 2))


def _lit(text: str, style: str, colours: bool) -> Text:
    """Text with what stands between ** set apart."""
    if not colours:
        return Text(text, style)
    parts = _MARKED.split(text)
    lit = f"{style} black on bright_yellow".strip()
    return Text.assemble(*((part, lit if n % 2 else style) for n, part in enumerate(parts)))
