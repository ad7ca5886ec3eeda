"""Alerts on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from monitor.deliver import render
from monitor.deliver.console import ConsoleSender
from monitor.model import Channel, ChannelKind, Message, Retry, Sent
from tests.deliver.samples import make_desk, make_hostile

SCREEN = Channel("screen", ChannelKind.CONSOLE)


async def printed(message: Message, *, colours: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=120, force_terminal=colours, color_system="truecolor" if colours else None
    )
    assert await ConsoleSender(console).send(SCREEN, message) == Sent()
    return out.getvalue()


async def test_a_terminal_shows_who_what_and_why(message: Message) -> None:
    text = await printed(message, colours=False)
    for expected in ("Abdellatif Hammouchi", "Le Quotidien", "DGSN et DGST", "Pourquoi", message.reference):
        assert expected in text


async def test_what_was_found_is_lit_or_marked(message: Message) -> None:
    lit, marked = await printed(message, colours=True), await printed(message, colours=False)
    assert "**DGSN**-**DGST**" in marked
    assert "**" not in lit
    assert "48;2;" in lit or "103mDGSN" in lit


async def test_hostile_text_is_shown_and_steers_nothing() -> None:
    message = render(make_hostile(), make_desk("en"), "https://example.org", "example.org")
    text = await printed(message, colours=False)
    assert "{{7*7}}" in text
    assert "[31m" in text
    assert "[prix](https://evil.example.com)" in " ".join(text.split())
    assert "\x1b" not in text
    assert "\u202e" not in text


async def test_a_terminal_that_is_gone_is_tried_again(message: Message) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    outcome = await ConsoleSender(Console(file=Gone())).send(SCREEN, message)
    assert isinstance(outcome, Retry)
    assert "Broken pipe" in outcome.error
