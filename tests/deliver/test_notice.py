"""What an operator reads: each state in each language, hostile names, and the webhook's document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.deliver import render, troubles
from monitor.deliver.notice_words import notice_words_for
from monitor.model import Delivery, Health, Notice, NoticeLine
from tests.deliver.samples import HOSTILE, HOSTILE_SHOWN, NOW, make_delivery, make_desk

ILL: list[str] = [health for health in Health if health not in (Health.NEW, Health.OK)]
ILL += [troubles.UNREACHABLE, troubles.DEAD, "restored"]


def notice(*lines: NoticeLine) -> Delivery:
    told = Notice("security-desk", "sources", lines, ("mail",))
    return make_delivery(told, story=None)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", "fr", "es", "ar"])
def test_every_state_has_words_and_advice_in_every_language(language: str) -> None:
    words = notice_words_for(language)
    assert [state for state in ILL if not words.states.get(state) or not words.advice.get(state)] == []
    lines = [NoticeLine("Le Matin", state, NOW, "it said so") for state in ILL]
    message = render(notice(*lines), make_desk(language), "https://monitor.example.org", "example.org")
    assert all(words.states[state] in message.text and words.states[state] in message.html for state in ILL)
    assert message.language == language


def test_a_notice_reads_as_a_list_of_what_is_wrong_and_what_to_do() -> None:
    lines = (
        NoticeLine("Le Matin", "silent", NOW, "nothing new for 31 hours"),
        NoticeLine("Le Soir", "ok", NOW),
    )
    message = render(notice(*lines), make_desk("en", "UTC"), "https://monitor.example.org", "example.org")
    assert message.subject == "[media-monitor] Le Matin: silent (+1)"
    assert message.list_id == "operators.example.org"
    assert message.text.startswith(
        "[media-monitor] Le Matin: silent (+1)\n\n\N{BULLET} Le Matin: silent\n"
        "  Since: Tuesday, 21 April 2026, 12:10 · UTC\n  nothing new for 31 hours\n  → Look at the outlet"
    )
    assert "Well again: Le Soir" in message.text
    assert message.data["notice"] == "sources"
    assert message.data["lines"] == [
        {
            "subject": "Le Matin",
            "state": "silent",
            "since": "2026-04-21T12:10:00Z",
            "reason": "nothing new for 31 hours",
        },
        {"subject": "Le Soir", "state": "ok", "since": "2026-04-21T12:10:00Z", "reason": ""},
    ]


def test_rendering_twice_gives_the_same_bytes() -> None:
    delivery = notice(NoticeLine("Le Matin", "gone", NOW, "410 Gone"))
    one, two = (render(delivery, make_desk(), "https://monitor.example.org", "example.org") for _ in range(2))
    assert one == two


def test_hostile_names_and_reasons_are_text() -> None:
    message = render(
        notice(NoticeLine(HOSTILE, "failing", NOW, HOSTILE)),
        make_desk("en"),
        "https://m.example.org",
        "example.org",
    )
    assert "<script>" not in message.html
    assert HOSTILE_SHOWN[:60] in message.text
    assert "\n" not in message.subject


def test_of_a_thousand_lines_a_hundred_are_shown_and_the_rest_counted() -> None:
    lines = [NoticeLine(f"Paper {n}", "failing", NOW, "it said so " * 100) for n in range(1000)]
    message = render(notice(*lines), make_desk("en"), "https://m.example.org", "example.org")
    assert "and 900 more; `monitor doctor` shows all" in message.text
    assert len(message.html) < 100_000


def test_the_example_of_the_documentation_holds() -> None:
    text = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text("utf-8").partition("## Notices")[2]
    example = json.loads(text.partition("```json")[2].partition("```")[0])
    line = NoticeLine("Le Matin", "silent", NOW, "nothing new")
    message = render(notice(line), make_desk("en"), "https://m.example.org", "example.org")
    assert example.keys() == message.data.keys()
    shown = message.data["lines"]
    assert isinstance(shown, list)
    assert example["lines"][0].keys() == shown[0].keys()
