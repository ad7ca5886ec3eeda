"""The signed links: what a token grants, and every way in which it grants nothing."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import LinkExpired, LinkRefused
from monitor.links import DAYS, Grant, links_of, reachable, read, sign
from monitor.model import Delivery, DeliveryState, Notice, ReplyKind
from tests.build import NOON, make_article
from tests.store.samples import make_alert

KEY = "k" * 43
DELIVERY = "0b6f2f6e-8f1c-5d0a-9a53-0d7f3c1b2a4e"
LATER = NOON + timedelta(days=7)
ACK = Grant(ReplyKind.ACKNOWLEDGE, DELIVERY, LATER)


def make_delivery(**fields: object) -> Delivery:
    base: dict[str, object] = {
        "id": DELIVERY,
        "recipient": "desk",
        "channel": "mail",
        "alert": make_alert(make_article("A minister speaks")),
        "story": 7,
        "edition": 0,
        "state": DeliveryState.PENDING,
        "created_at": NOON,
        "next_attempt_at": NOON,
    }
    return Delivery(**{**base, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", list(ReplyKind))
def test_a_token_grants_what_it_was_made_for_until_it_expires(kind: ReplyKind) -> None:
    grant = Grant(kind, DELIVERY, LATER)
    token = sign(grant, KEY)
    assert read(token, kind.value, KEY, LATER - timedelta(seconds=1)) == grant
    with pytest.raises(LinkExpired, match="good until 2026-04-28"):
        read(token, kind.value, KEY, LATER)


@pytest.mark.parametrize("kind", [kind for kind in ReplyKind if kind is not ReplyKind.ACKNOWLEDGE])
def test_a_token_of_one_purpose_opens_no_other(kind: ReplyKind) -> None:
    with pytest.raises(LinkRefused, match="something else"):
        read(sign(ACK, KEY), kind.value, KEY, NOON)


def test_a_token_made_with_another_key_is_refused() -> None:
    with pytest.raises(LinkRefused, match="not made here"):
        read(sign(ACK, "x" * 43), "ack", KEY, NOON)


def test_every_changed_bit_of_a_token_is_noticed() -> None:
    raw = base64.urlsafe_b64decode(sign(ACK, KEY) + "=")
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        token = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
        with pytest.raises(LinkRefused):
            read(token, "ack", KEY, NOON)


def test_a_second_spelling_of_the_same_bytes_is_refused() -> None:
    token = sign(ACK, KEY)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + letters[letters.index(token[-1]) ^ 1]
    assert base64.urlsafe_b64decode(twin + "=") == base64.urlsafe_b64decode(token + "=")
    with pytest.raises(LinkRefused):
        read(twin, "ack", KEY, NOON)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "é" * 51,
        "A" * 50,
        "A" * 51,
        "A" * 52,
        "../../../etc/passwd",
        "=" * 51,
        "A" * 100_000,
        "\0" * 51,
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(LinkRefused):
        read(token, "ack", KEY, NOON)


@given(st.text(max_size=60), st.text(max_size=20))
def test_no_text_at_all_makes_reading_fail_otherwise(token: str, kind: str) -> None:
    with pytest.raises(LinkRefused):
        read(token, kind, KEY, NOON)


def test_an_alert_has_a_link_of_each_kind_that_is_the_same_each_time() -> None:
    delivery = make_delivery()
    links = links_of(delivery, KEY, "https://monitor.example.org/press/")
    assert links is not None
    assert links == links_of(delivery, KEY, "https://monitor.example.org/press")
    made = {
        ReplyKind.ACKNOWLEDGE: links.answers[0].acknowledge,
        ReplyKind.NOT_RELEVANT: links.answers[0].not_relevant,
        ReplyKind.SILENCE_STORY: links.answers[0].silence_story,
        ReplyKind.UNSUBSCRIBE: links.unsubscribe,
        ReplyKind.UNSUBSCRIBE_ALL: links.unsubscribe_all,
    }
    for kind, url in made.items():
        start, token = url.rsplit("/", 1)
        assert start == f"https://monitor.example.org/press/links/{kind.value}"
        assert read(token, kind.value, KEY, NOON) == Grant(kind, DELIVERY, NOON + timedelta(days=DAYS[kind]))


def test_no_link_shows_in_a_repr() -> None:
    assert "/links/" not in repr(links_of(make_delivery(), KEY, "https://monitor.example.org"))


@pytest.mark.parametrize(
    "delivery",
    [
        # a notice to an operator has nothing to answer
        make_delivery(alert=Notice("desk", "sources", (), ("mail",)), story=None),
        # an alert whose story is unknown cannot be silenced
        make_delivery(story=None),
    ],
)
def test_what_is_no_alert_of_a_story_has_no_links(delivery: Delivery) -> None:
    assert links_of(delivery, KEY, "https://monitor.example.org") is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://monitor.example.org", True),
        ("http://10.1.2.3:8080", True),
        ("http://desk.lan", True),
        ("http://[2001:db8::1]:8080", True),
        # these mean whatever machine they are read on
        ("http://127.0.0.1:8080", False),
        ("http://127.9.9.9", False),
        ("http://localhost:8080", False),
        ("http://LOCALHOST.", False),
        ("http://monitor.localhost", False),
        ("http://[::1]:8080", False),
        ("http://0.0.0.0:8080", False),
        ("", False),
    ],
)
def test_only_an_address_that_means_something_elsewhere_is_reachable(url: str, expected: bool) -> None:
    assert reachable(url) is expected


def test_an_expiry_beyond_the_32_bits_of_unix_time_still_works() -> None:
    grant = Grant(ReplyKind.UNSUBSCRIBE, DELIVERY, datetime(2100, 1, 1, tzinfo=UTC))
    assert read(sign(grant, KEY), "unsubscribe", KEY, NOON) == grant
