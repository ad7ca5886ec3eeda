"""What a feed says of how often it wants to be asked."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from monitor.collect import parse
from monitor.collect.hints import read
from monitor.model import Hints

SY = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
ITEM = "<item><title>t</title><link>https://gazette.example.org/1</link></item>"


def channel(head: str, tail: str = "") -> str:
    return f'<rss version="2.0" {SY}><channel><title>Gazette</title>{head}{ITEM}{tail}</channel></rss>'


@pytest.mark.parametrize(
    ("head", "hints"),
    [
        ("", None),
        ("<ttl>90</ttl>", Hints(timedelta(minutes=90))),
        ("<ttl> 15 </ttl>", Hints(timedelta(minutes=15))),
        ("<ttl>0</ttl>", None),
        ("<ttl>soon</ttl>", None),
        ("<ttl>999999999</ttl>", Hints(timedelta(days=365))),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", Hints(timedelta(days=1))),
        (
            "<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>",
            Hints(timedelta(hours=6)),
        ),
        ("<sy:updateFrequency>2</sy:updateFrequency>", Hints(timedelta(hours=12))),  # of a day, by default
        (
            "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1</sy:updateFrequency>",
            None,
        ),  # WordPress
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>always</sy:updatePeriod>", None),
        ("<ttl>30</ttl><sy:updatePeriod>daily</sy:updatePeriod>", Hints(timedelta(days=1))),
        (
            "<skipHours><hour>0</hour><hour>23</hour><hour>24</hour><hour>99</hour></skipHours>",
            Hints(None, (0, 23)),
        ),
        (
            "<skipDays><day>Saturday</day><day>sunday</day><day>Noday</day></skipDays>",
            Hints(None, (), (5, 6)),
        ),
    ],
)
def test_the_hints_of_a_channel(head: str, hints: Hints | None) -> None:
    assert parse(channel(head).encode()).hints == hints
    assert parse(channel("", head).encode()).hints == hints  # behind the items


def test_an_item_does_not_speak_for_its_channel() -> None:
    inside = ITEM.replace("</item>", "<ttl>5</ttl><hour>3</hour></item>")
    assert parse(channel(inside).encode()).hints is None


@pytest.mark.parametrize(
    "text",
    [
        "<ttl " * 100_000,
        "<skipHours>" * 50_000,
        "<hour" + " " * 500_000,
        "<item" * 100_000,
        "</item " * 50_000,
    ],
)
def test_a_document_made_to_cost_is_looked_through_quickly(text: str) -> None:
    started = time.process_time()
    read(text)
    assert time.process_time() - started < 0.5
