"""`why`: one test an answer, over a real store on each database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from monitor.judge import Rules, compile_rules, judge
from monitor.model import (
    Article,
    Channel,
    ChannelKind,
    ChannelState,
    Condition,
    Decision,
    Delivery,
    DeliveryState,
    Health,
    Reason,
    ReplyKind,
    Severity,
    SourceState,
    TextFrom,
)
from monitor.store import Recorded, Store
from monitor.why import Answer, Told, why
from tests.build import NOON, make_article, make_recipient, make_source, make_watchlist

HOST = "monitor.example.org"
MAIL = Channel("mail", ChannelKind.EMAIL, "desk@example.org")
HOUR = timedelta(hours=1)
TEXT = "La DGSN a signé lundi à Doha une feuille de route. Le ministre du Qatar était présent avec sa délégation."
URL = "https://gazette.example.org/doha"


def make_rules(*watchlists: Any, **source: Any) -> Rules:
    given = watchlists or (make_watchlist("security", any=("DGSN",), severity=Severity.HIGH),)
    recipients = [make_recipient(id, channels=(MAIL,)) for id in ("desk", "forum")]
    return compile_rules(given, (), [make_source("gazette", **source)], recipients, ())


def piece(title: str = "La DGSN à Doha", body: str = TEXT, slug: str = "doha", **fields: Any) -> Article:
    key = f"gazette.example.org/{slug}"
    return make_article(title, body, key=key, url=f"https://{key}", language="fr", **fields)


@pytest.fixture
def judged(store: Store) -> Callable[..., Recorded]:
    """Judges and records as the pipeline does."""

    def record(article: Article, rules: Rules, *extra: Decision) -> Recorded:
        verdict = judge(article, store.candidates(article, NOON), rules, NOON)
        verdict = replace(verdict, decisions=(*extra, *verdict.decisions))
        return store.record(verdict, article.key, "h", NOON)

    return record


def asked(store: Store, rules: Rules, what: str = URL, recipient: str | None = "desk") -> Told:
    return why(store, rules, what, recipient, HOST, NOON + 2 * HOUR)


def found(told: Told, answer: str) -> Answer:
    """The answer of this kind, of which there is one."""
    [one] = [each for each in told.answers if each.answer == answer]
    return one


def settle(store: Store, state: DeliveryState, error: str = "") -> Delivery:
    (claimed,) = store.outbox.claim(NOON, HOUR, "w")
    later = NOON + timedelta(minutes=12)
    assert store.outbox.settle(
        claimed, state=state, now=later, next_attempt_at=NOON + 3 * HOUR, outcome_class="x", error=error
    )
    return claimed


# --- an address that is not stored ----------------------------------------------------------------------------------


def test_a_source_that_was_never_read_is_told_with_its_next_time(store: Store) -> None:
    told = asked(store, make_rules())
    assert found(told, "not-yet-polled").text == "Gazette was never read; it is due now"
    assert not told.nothing


def test_a_failing_source_is_told_since_when_and_why(store: Store) -> None:
    state = SourceState(
        "gazette",
        next_check_at=NOON + 3 * HOUR,
        checked_at=NOON,
        succeeded_at=NOON - 9 * HOUR,
        health=Health.FAILING,
        since=NOON - 8 * HOUR,
        failures=4,
        message="503 Service Unavailable",
    )
    store.sources.save(state, None, Condition("gazette", Health.FAILING, NOON, ill_since=NOON - 8 * HOUR))
    one = asked(store, make_rules()).answers[0]
    assert one.answer == "source-failing"
    assert one.text == (
        "Gazette cannot be read since 2026-04-21 04:00Z: 503 Service Unavailable; "
        "last read well 2026-04-21 03:00Z; next reading 2026-04-21 15:00Z"
    )
    assert one.facts["failures"] == 4


@pytest.mark.parametrize(("state", "lost"), [(Health.OK, False), (Health.OVERRUN, True)])
def test_a_source_that_reads_well_never_showed_the_address(store: Store, state: Health, lost: bool) -> None:
    read = SourceState(
        "gazette", NOON + 3 * HOUR, checked_at=NOON, succeeded_at=NOON, health=Health.OK, items_seen=20
    )
    store.sources.save(read, None, Condition("gazette", state, NOON))
    text = found(asked(store, make_rules()), "never-seen").text
    assert text.startswith("Gazette was read 2026-04-21 12:00Z and has not shown this address")
    assert ("lost articles" in text) is lost


@pytest.mark.parametrize(
    ("source_url", "asked_url", "known"),
    [
        ("https://feeds.example.org/all.xml", "https://www.example.org/a", True),
        ("https://example.co.uk/feed", "https://news.example.co.uk/a", True),
        # neighbours under a country's common ending are strangers
        ("https://other.co.uk/feed", "https://example.co.uk/a", False),
        ("https://example.com/feed", "https://example.org/a", False),
        ("http://127.0.0.1:80/feed", "http://127.0.0.2/a", False),
    ],
)
def test_the_source_of_an_address_is_found_by_its_host(
    store: Store, source_url: str, asked_url: str, known: bool
) -> None:
    told = asked(store, make_rules(url=source_url), asked_url)
    assert {each.answer for each in told.answers} == {"not-yet-polled" if known else "no-source"}
    assert told.nothing is not known


def test_an_item_that_never_became_an_article_is_told_with_what_happened(store: Store) -> None:
    line = (Decision("refine", Reason.REFINE_FAILED, "killed after 10 s"),)
    store.ledger.add(line, source_id="gazette", item_key="gazette.example.org/doha", now=NOON)
    one = asked(store, make_rules()).answers[0]
    assert one.answer == "extraction-failed"
    assert one.text == "gazette showed it, and it could not be made into an article: killed after 10 s"


@pytest.mark.parametrize("what", ["99", "9" * 40, "0b6f2f6e-8f1c-5d0a-9a53-0d7f3c1b2a4e", "mailto:x", ""])
def test_of_what_was_never_heard_of_nothing_is_known(store: Store, what: str) -> None:
    assert asked(store, make_rules(), what).nothing


# --- how it was read ------------------------------------------------------------------------------------------------


def test_an_article_seen_late_is_told_by_how_much_and_what_its_source_had(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    failed = (Decision("collect", Reason.FETCH_FAILED, "timed out"),)
    store.ledger.add(failed, source_id="gazette", now=NOON - 3 * HOUR)
    judged(piece(published=NOON - 4 * HOUR), make_rules())
    assert found(asked(store, make_rules()), "seen-late").text == (
        "published 2026-04-21 08:00Z, first seen 2026-04-21 12:00Z: 4 h 0 min later; "
        "its source failed on 2026-04-21 09:00Z: timed out"
    )


def test_an_article_whose_page_was_not_had_is_told_as_judged_by_its_summary(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    rules = make_rules(full_text=True)
    failed = Decision("refine", Reason.PAGE_FAILED, "page: 403 Forbidden")
    judged(piece(body="Une visite.", title="Visite", text_from=TextFrom.SUMMARY), rules, failed)
    told = asked(store, rules)
    assert told.answers[0].answer == "extraction-failed"
    assert told.answers[0].text == (
        "the text of its page was not had (page: 403 Forbidden); it was judged by the feed's summary, 11 characters"
    )


# --- what matched, and what did not by how much ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "answer", "part"),
    [
        # a term that is not there
        ({"any": ("Algésiras",)}, "not-matched", "Algésiras: not found"),
        # of two terms the one that failed
        ({"all": ("DGSN", "Tanger")}, "not-matched", "Tanger: not found"),
        # a distance, and by how much it failed
        ({"query": "NEAR/3(DGSN, Qatar)"}, "not-matched", "NEAR/3"),
        # a phrase whose words stand apart
        ({"any": ('"feuille Qatar"',)}, "not-matched", "feuille Qatar"),
        # a field that it is not in
        ({"query": "title:Qatar"}, "not-matched", "found only in the body"),
        # enough of several
        ({"query": "3 OF (DGSN, Qatar, Tanger)"}, "not-matched", "2 of 3 hold, 3 needed"),
        # excluded, with what excluded it
        ({"any": ("DGSN",), "none": ("Qatar",)}, "excluded", "excluded by NOT Qatar: «Qatar» in the body"),
        # of several the one that was found
        ({"any": ("DGSN",), "none": ("Alger | Qatar",)}, "excluded", "NOT Qatar: «Qatar» in the body"),
        # a NOT is not to blame where more is missing
        ({"any": ("Tanger",), "none": ("Qatar",)}, "not-matched", "Tanger: not found"),
    ],
)
def test_each_failing_term_is_told_with_how_far_it_failed(
    store: Store, judged: Callable[..., Recorded], fields: dict[str, Any], answer: str, part: str
) -> None:
    rules = make_rules(make_watchlist("w", **fields))
    judged(piece(), rules)
    one = found(asked(store, rules), answer)
    assert part in one.text
    assert one.explanation is not None
    assert not one.explanation.held


def test_a_watchlist_that_asks_for_another_country_says_so(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    from monitor.model import Where

    rules = make_rules(make_watchlist("w", any=("DGSN",), where=Where(countries=("QA",))), country="MA")
    judged(piece(), rules)
    assert "country is MA, not QA" in found(asked(store, rules), "where").text


def test_a_watchlist_that_was_changed_since_matches_now(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(), make_rules(make_watchlist("security", any=("Tanger",))))
    assert "did not when it was judged" in found(asked(store, make_rules()), "matches-now").text


def test_what_did_not_match_comes_last_for_who_was_told_for_another_reason(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    rules = make_rules(make_watchlist("security", any=("DGSN",)), make_watchlist("ports", any=("Tanger",)))
    judged(piece(), rules)
    settle(store, DeliveryState.SENT)
    answers = [each.answer for each in asked(store, rules).answers]
    assert answers == ["sent", "matched", "not-matched"]


# --- what was decided, and what became of it ---------------------------------------------------------------------------


def test_a_sent_alert_is_told_with_time_channel_and_message_id(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(), make_rules())
    delivery = settle(store, DeliveryState.SENT)
    told = asked(store, make_rules())
    one = found(told, "sent")
    assert one.text == f"sent to desk by mail on 2026-04-21 12:12Z, Message-ID <{delivery.id}@{HOST}>"
    assert one.at == NOON + timedelta(minutes=12)
    assert "«DGSN» in the title" in found(told, "matched").text
    for way in (delivery.id, f"<{delivery.id}@{HOST}>", "1"):
        assert asked(store, make_rules(), way).known == told.known


def test_a_dead_delivery_is_the_first_thing_told_with_its_error(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(), make_rules())
    settle(store, DeliveryState.DEAD, "the relay answered 550: no such box")
    one = asked(store, make_rules()).answers[0]
    assert one.answer == "dead"
    assert "given up after 1 attempt; last error: the relay answered 550: no such box" in one.text


@pytest.mark.parametrize(
    ("state", "error", "part"),
    [
        (DeliveryState.PENDING, "421 try later", "next attempt 2026-04-21 15:00Z, 1 before; last error: 421"),
        (DeliveryState.PENDING, "", "next attempt 2026-04-21 15:00Z"),
    ],
)
def test_a_waiting_delivery_is_told_with_its_next_attempt(
    store: Store, judged: Callable[..., Recorded], state: DeliveryState, error: str, part: str
) -> None:
    judged(piece(), make_rules())
    settle(store, state, error)
    assert part in found(asked(store, make_rules()), "pending").text


def test_a_dropped_delivery_names_the_operator_as_the_cause(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(), make_rules())
    (delivery,) = store.outbox.list()
    store.outbox.drop(delivery.id)
    assert "an operator dropped" in found(asked(store, make_rules()), "dropped").text


def test_a_copy_is_told_with_its_original_and_when_that_was_sent(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(text_hash="t"), make_rules())
    settle(store, DeliveryState.SENT)
    judged(piece("Reprise : la DGSN à Doha", slug="reprise", text_hash="t"), make_rules())
    told = asked(store, make_rules(), "https://gazette.example.org/reprise")
    assert found(told, "duplicate").text == (
        f"it is a copy of article 1 «La DGSN à Doha» (gazette, {URL}), sent at 12:12Z on 2026-04-21 to desk"
    )
    assert found(told, "already-told").text.startswith("the story was told with another report, «La DGSN")


def test_the_backlog_of_a_first_reading_is_told_as_such(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(backlog=True, published=NOON - 9 * HOUR), make_rules())
    told = asked(store, make_rules())
    assert "first reading of its source" in found(told, "backlog").text
    assert "seen-late" not in {each.answer for each in told.answers}


def test_a_match_that_names_nobody_is_told(store: Store, judged: Callable[..., Recorded]) -> None:
    rules = make_rules(make_watchlist("security", any=("DGSN",), notify=()))
    judged(piece(), rules)
    assert "gets no watchlist" in found(asked(store, rules), "nobody").text
    assert "neither notify nor a route" in found(asked(store, rules, recipient=None), "nobody").text


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (ReplyKind.UNSUBSCRIBE, "unsubscribed"),
        (ReplyKind.UNSUBSCRIBE_ALL, "unsubscribed"),
    ],
)
def test_who_unsubscribed_is_told_when(
    store: Store, judged: Callable[..., Recorded], kind: ReplyKind, answer: str
) -> None:
    judged(piece(), make_rules())
    store.responses.add(kind, store.outbox.list()[0], "link", NOON)
    judged(piece("Autre affaire de la DGSN", slug="autre", text_hash="o"), make_rules())
    one = asked(store, make_rules(), "https://gazette.example.org/autre").answers[0]
    assert one.answer == answer
    assert "desk unsubscribed from" in one.text
    assert "2026-04-21 12:00Z" in one.text


def test_a_story_silenced_by_its_recipient_is_told(store: Store, judged: Callable[..., Recorded]) -> None:
    judged(piece(text_hash="t"), make_rules())
    store.responses.add(ReplyKind.SILENCE_STORY, store.outbox.list()[0], "link", NOON)
    judged(piece("Reprise : la DGSN à Doha", slug="reprise", text_hash="t"), make_rules())
    one = found(asked(store, make_rules(), "https://gazette.example.org/reprise"), "silenced")
    assert "silenced it on 2026-04-21 12:00Z" in one.text


def test_an_acknowledgement_is_told_of_the_article_it_was_given_for(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    judged(piece(), make_rules())
    store.responses.add(ReplyKind.ACKNOWLEDGE, store.outbox.list()[0], "link", NOON)
    assert "desk acknowledged story 1, by link" in found(asked(store, make_rules()), "acknowledged").text


# --- nobody in particular asks ------------------------------------------------------------------------------------------


def test_without_a_recipient_everybody_concerned_is_told_and_other_watchlists_are_counted(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    rules = make_rules(
        make_watchlist("security", any=("DGSN",), notify=("desk", "forum")),
        *(make_watchlist(f"port-{n}", any=("Tanger",)) for n in range(9)),
    )
    judged(piece(), rules)
    told = asked(store, rules, recipient=None)
    assert [(each.answer, each.recipient) for each in told.answers if each.answer == "matched"] == [
        ("matched", "desk"),
        ("matched", "forum"),
    ]
    assert told.watchlists == 9


def test_without_a_recipient_and_a_match_the_nearest_watchlists_are_explained(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    rules = make_rules(
        *(make_watchlist(f"port-{n}", any=("Tanger",)) for n in range(5)),
        make_watchlist("near", all=("DGSN", "Tanger")),
    )
    judged(piece(), rules)
    told = asked(store, rules, recipient=None)
    assert len(told.answers) == 3
    assert told.answers[0].watchlist == "near"
    assert told.watchlists == 3


def test_a_delivery_whose_channel_rests_is_told_with_since_when_and_until_when(
    store: Store, judged: Callable[..., Recorded]
) -> None:
    rules = make_rules()
    judged(piece(), rules)
    (claimed,) = store.outbox.claim(NOON, HOUR, "w")
    away = ChannelState(
        "desk",
        "mail",
        failures=7,
        failing_since=NOON,
        opened_at=NOON,
        try_at=NOON + 3 * HOUR,
        last_error="no connection to the relay",
    )
    later = {"state": DeliveryState.PENDING, "next_attempt_at": NOON + HOUR, "outcome_class": "connect"}
    store.outbox.settle(claimed, now=NOON, channel=lambda _: away, **later)  # type: ignore[arg-type]
    one = asked(store, rules).answers[0]
    assert one.answer == "breaker-open"
    assert one.text == (
        "the delivery to desk by mail waits: its channel failed 7 times in a row since 2026-04-21 12:00Z, "
        "tried again 2026-04-21 15:00Z; last error: no connection to the relay"
    )
    assert one.facts["channel_next_try"] == NOON + 3 * HOUR
