"""Which addresses chat may use, and what it takes out of a text: decisions alone, nothing is sent."""

from __future__ import annotations

import pytest

from monitor.deliver.chat_rules import harmless, refusal
from tests.deliver.samples import HOSTILE

TOKEN = "s3cr3tToken0123456789"
DISCORD = f"discord://123456789012345678/{TOKEN}"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#desk"
TELEGRAM = "tgram://123456789:AAbcdefghijklmnopqrstuvwxyz012345678/12315544/"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mailto://a:b@example.org", "mailto"),
        ("syslog://", "syslog"),
        ("file:///etc/passwd", "file"),
        ("nonsense", "nonsense"),
        ("json://example.org/?verify=no", "verify"),
        ("json://example.org/?Redirect=yes", "redirect"),
        ("json://example.org/?a=1&retry=5&wait=2", "retry"),
        ("json://example.org/?optional=yes", "optional"),
        ("json://example.org/?cto=300", "cto"),
        ("json://example.org/?rto=", "rto"),
        ("json://example.org/?store=yes", "store"),
        ("slack://T/A/B/?template=/etc/x", "template"),
        # behind a channel's name
        ("slack://T/A/B/#desk?verify=no", "verify"),
        ("json://example.org/?%76erify=no", "verify"),
    ],
)
def test_an_address_that_would_loosen_the_rules_is_refused(url: str, why: str) -> None:
    assert why in refusal(url)


@pytest.mark.parametrize(
    "url",
    [DISCORD, SLACK, TELEGRAM, "jsons://example.org/?:key=value&+X-Header=1", "ntfys://h/t?priority=high"],
)
def test_an_ordinary_address_is_not_refused(url: str) -> None:
    assert refusal(url) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("@everyone", "@\u200beveryone"),
        ("say@everyone", "say@\u200beveryone"),
        ("@here and @someone", "@\u200bhere and @\u200bsomeone"),
        ("<!channel> <@U123> <#C1>", "<\u200b!channel> <\u200b@\u200bU123> <\u200b#C1>"),
        ("[prix](https://evil.example.com)", "[prix]\u200b(https://evil.example.com)"),
        # an address and a link keep working
        ("desk@example.org", "desk@example.org"),
        ("https://social.example.org/@desk/1", "https://social.example.org/@desk/1"),
        ("3 < 4", "3 < 4"),
    ],
)
def test_mentions_lose_their_meaning_and_keep_their_look(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_every_mention_of_the_hostile_sample_is_covered() -> None:
    assert not any(live in harmless(HOSTILE) for live in ("@everyone", "<!channel>", "](http"))
