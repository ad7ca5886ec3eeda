"""Token buckets, as tables; and that no minute ever holds more than a far side allows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver.pace import (
    MAIL,
    OTHERS,
    SLACK,
    TELEGRAM,
    TELEGRAM_GROUP,
    Bucket,
    Limit,
    limits_of,
    spend,
    telegram_group,
    wait,
)
from monitor.model import Channel, ChannelKind

ONE = (Limit("k", 1.0, 3),)
APPRISE = ChannelKind.APPRISE


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        (ChannelKind.EMAIL, "desk@example.org", [MAIL]),
        (ChannelKind.WEBHOOK, "https://hooks.example.org/in", [OTHERS]),
        (APPRISE, "slack://a/b/c/#desk", [SLACK]),
        (APPRISE, "discord://id/token", [OTHERS]),
        (APPRISE, "tgram://1:token/123456", [TELEGRAM]),
        (APPRISE, "tgram://1:token/-100123456/", [TELEGRAM, TELEGRAM_GROUP]),
        # what is this machine's own
        (ChannelKind.FILE, "var/alerts", []),
        (ChannelKind.CONSOLE, "", []),
    ],
)
def test_each_kind_has_the_limits_of_its_far_side(
    kind: ChannelKind, target: str, expected: list[tuple[float, int]]
) -> None:
    assert [(limit.every, limit.burst) for limit in limits_of(Channel("c", kind, target))] == expected


def test_channels_of_one_target_share_its_limits() -> None:
    one, other, third = (
        limits_of(Channel(id, ChannelKind.EMAIL, target))
        for id, target in (
            ("a", "Desk <desk@example.org>"),
            ("b", "DESK@example.org"),
            ("c", "x@example.org"),
        )
    )
    assert one == other != third


def test_a_limit_shows_no_token() -> None:
    [limit] = limits_of(Channel("c", APPRISE, "slack://T0KEN/b/c"))
    assert "T0KEN" not in repr(limit)


@pytest.mark.parametrize(
    ("target", "group"),
    [
        ("tgram://1:t/12345", False),
        ("tgram://1:t/-12345", True),
        ("tgram://1:t/@news", True),
        # a topic of a group, a private chat's thread
        ("tgram://1:t/-100123:5", True),
        ("tgram://1:t/12345:5?silent=yes", False),
    ],
)
def test_a_telegram_group_is_told_from_a_chat(target: str, group: bool) -> None:
    assert telegram_group(target) is group


@pytest.mark.parametrize(
    ("tokens", "at", "now", "seconds"),
    [
        # as many as there are go at once
        (1.0, 100, 100, 0.0),
        (0.25, 100, 100, 0.75),
        # one each second comes back
        (0.0, 100, 100.6, 0.4),
        (0.0, 100, 101, 0.0),
        # two channels spent at the same time
        (-1.0, 100, 100, 2.0),
        # a clock that stands or goes back gives none, and takes none
        (0.0, 100, 50, 1.0),
    ],
)
def test_the_wait_is_what_is_missing_of_a_token(tokens: float, at: float, now: float, seconds: float) -> None:
    assert wait(ONE, {"k": Bucket(tokens, at)}, now) == pytest.approx(seconds)


def test_nothing_is_waited_for_without_a_limit_or_before_the_first() -> None:
    assert wait((), {}, 0.0) == 0.0
    assert wait(ONE, {}, 0.0) == 0.0


def test_the_slowest_of_several_limits_decides() -> None:
    both = (*ONE, Limit("group", 4.0, 5))
    assert wait(both, {"k": Bucket(0, 0), "group": Bucket(0, 0)}, 1.0) == pytest.approx(3.0)


@given(gaps=st.lists(st.floats(0, 20), min_size=1, max_size=200))
@pytest.mark.parametrize(
    ("limit", "seconds", "most"),
    [
        (Limit("chat", *TELEGRAM), 1.0, 2),  # both ends of the second
        (Limit("group", *TELEGRAM_GROUP), 60.0, 20),
        (Limit("mailbox", *MAIL), 60.0, 60),
        (Limit("slack", *SLACK), 1.0, 2),
    ],
)
def test_no_window_ever_holds_more_than_is_allowed(
    limit: Limit, seconds: float, most: int, gaps: list[float]
) -> None:
    now, buckets, sent = 0.0, dict[str, Bucket](), list[float]()
    for gap in gaps:
        now += gap
        now += wait([limit], buckets, now)
        assert wait([limit], buckets, now) == pytest.approx(0, abs=1e-9)
        buckets |= spend([limit], buckets, now)
        sent.append(now)
    for n, begin in enumerate(sent):
        assert sum(at < begin + seconds - 1e-6 for at in sent[n:]) <= most
