"""Every reason and every state has its sentence, also those that this version does not know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import ChannelState, Decision, DeliveryState, Reason
from monitor.why import words
from monitor.why.answers import ORDER
from tests.test_links import make_delivery


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_of_the_ledger_is_told_with_its_detail_or_a_better_sentence(reason: Reason) -> None:
    answer, text = words.told(Decision("route", reason, "desk is not told", "desk"))
    assert answer
    assert "desk is not told" in text or reason is Reason.BACKLOG
    assert words.told(Decision("route", reason))[1]


@pytest.mark.parametrize("reason", [Reason.HELD, Reason.IN_DIGEST])
def test_what_holds_an_alert_back_is_told_with_until_when(reason: Reason) -> None:
    answer, sentence = words.SENTENCES[reason]
    assert answer in ORDER
    assert "{detail}" in sentence


@pytest.mark.parametrize("state", list(DeliveryState))
def test_every_state_of_a_delivery_is_told_with_whom_and_how(state: DeliveryState) -> None:
    answer, text = words.became(replace(make_delivery(), state=state), "<x@y>", ChannelState("desk", "mail"))
    assert answer in ORDER
    assert "desk by mail" in text
