"""When a source is looked at again: tables of what a reading brings and the state after it."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.collect import Reading, next_state, recognise, request_for, rhythm, to_fill, unread
from monitor.collect.politeness import CHURN, CHURN_AFTER, DISTRUSTED, OVERRUN
from monitor.errors import NotAFeed, ParseError, WorkerTimeout
from monitor.model import (
    FailureKind,
    FetchFailure,
    Health,
    Hints,
    Met,
    PollingPolicy,
    Request,
    Response,
    Shown,
    Source,
    SourceKind,
    SourceState,
)
from tests.build import make_source

NOW = datetime(2026, 4, 21, 9, 0, tzinfo=UTC)
POLICY = PollingPolicy(min=timedelta(minutes=2), max=timedelta(hours=6))
SOURCE = make_source()
URL = SOURCE.url
MOVED = "https://new.example.org/feed"
HEADERS = {"etag": '"2"', "last-modified": "Tue, 21 Apr 2026 08:00:00 GMT"}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def state(**fields: object) -> SourceState:
    """A source that has been read well before."""
    base = {
        "source_id": "gazette",
        "next_check_at": NOW,
        "checked_at": NOW - minutes(20),
        "succeeded_at": NOW - minutes(20),
        "health": Health.OK,
        "since": NOW - timedelta(days=9),
        "interval": minutes(20),
        "etag": '"1"',
        "body_hash": "one",
    }
    return SourceState(**{**base, **fields})  # type: ignore[arg-type]


def response(status: int = 200, **fields: object) -> Response:
    base = {"request": Request(URL), "url": URL, "status": status, "headers": HEADERS, "body": b"<rss/>"}
    return Response(**{**base, **fields})  # type: ignore[arg-type]


def failing(status: int | None = None, kind: FailureKind = FailureKind.TIMEOUT, **fields: object) -> Reading:
    kind = FailureKind.STATUS if status else kind
    failure = FetchFailure(kind, str(status or kind), fields.get("retry_after"))  # type: ignore[arg-type]
    request = Request(str(fields.get("url", URL)))
    return Reading(response(status=status or 0, request=request, headers={}, body=b"", failure=failure))


def good(items: int = 30, new_items: int = 0, **fields: object) -> Reading:
    base = {"response": response(), "items": items, "new_items": new_items, "body_hash": "two"}
    return Reading(**{**base, **fields})  # type: ignore[arg-type]


NOT_MODIFIED = Reading(response(304, request=Request(URL, etag='"1"'), body=b""), body_hash="one")
UNCHANGED = Reading(response(), body_hash="one")  # 200 with the bytes of last time: not parsed again


def after(
    before: SourceState, *readings: Reading, source: Source = SOURCE, policy: PollingPolicy = POLICY
) -> SourceState:
    for reading in readings:
        before = next_state(before, source, policy, reading, NOW, 0.0)
    return before


def wait(
    before: SourceState, *readings: Reading, source: Source = SOURCE, policy: PollingPolicy = POLICY
) -> timedelta:
    return after(before, *readings, source=source, policy=policy).next_check_at - NOW


# --- the pace --------------------------------------------------------------------------------------------------------


def watched(rate: float, days: int = 14, **fields: object) -> SourceState:
    """A source that was polled every half hour and brought so many articles an hour, evenly."""
    learnt, at = "", NOW - timedelta(days=days)
    due = 0.0
    while at < NOW:
        due += rate / 2
        learnt = rhythm.observe(learnt, at, at + minutes(30), [None] * int(due))
        due, at = due - int(due), at + minutes(30)
    return state(rhythm=learnt, **fields)


@pytest.mark.parametrize(
    ("rate", "least", "most"),
    [
        (30.0, 3, 9),  # a wire: sqrt(2 * 3 min / 30 an hour) is 4.9 minutes
        (2.0, 13, 24),  # 18.9 minutes
        (0.25, 40, 70),  # six a day: 53 minutes
    ],
)
def test_the_interval_follows_the_square_root_of_the_rate(rate: float, least: float, most: float) -> None:
    assert minutes(least) < wait(watched(rate), NOT_MODIFIED) < minutes(most)


def test_the_interval_stays_between_its_bounds() -> None:
    tight = PollingPolicy(min=minutes(20), max=minutes(25))
    assert wait(watched(30.0), good(), policy=tight) == minutes(20)
    assert wait(watched(0.01), good(), policy=tight) == minutes(25)


def test_a_source_about_which_nothing_is_known_is_asked_again_within_half_an_hour() -> None:
    assert minutes(10) < wait(SourceState("gazette", NOW), good(new_items=30)) < minutes(30)


def test_the_dates_of_a_first_document_suggest_its_rhythm() -> None:
    wire = tuple(NOW - minutes(2 * n) for n in range(60))
    daily = tuple(NOW - timedelta(days=n) for n in range(10))
    new = SourceState("gazette", NOW)
    assert wait(new, good(dates=wire)) < minutes(8)
    assert wait(new, good(dates=daily)) > minutes(40)


def test_a_higher_price_of_a_request_makes_fewer_of_them() -> None:
    dear = PollingPolicy(price=minutes(12))
    assert wait(watched(2.0), good(), policy=dear) / wait(watched(2.0), good()) == pytest.approx(2, rel=0.15)


def test_a_configured_interval_is_kept_by_success_and_failure_backs_off_from_it() -> None:
    source = make_source(every=minutes(15))
    assert wait(state(), good(new_items=5), source=source) == minutes(15)
    assert wait(state(), NOT_MODIFIED, source=source) == minutes(15)
    assert wait(state(), failing(404), source=source) == minutes(15)
    assert wait(state(), failing(404), failing(404), source=source) == minutes(60)
    assert wait(state(), good(), policy=PollingPolicy(every=minutes(7))) == minutes(7)
    assert wait(state(), good(), source=source, policy=PollingPolicy(every=minutes(7))) == minutes(15)


def test_an_interval_longer_than_the_maximum_is_the_operators_wish() -> None:
    source = make_source(every=timedelta(days=1))
    assert wait(state(), good(), source=source) == timedelta(days=1)
    assert wait(state(), *[failing()] * 30, source=source) == timedelta(days=1)


@pytest.mark.parametrize("jitter", [0.0, 0.5, 0.999])
def test_jitter_spreads_the_polls_and_never_hurries_them(jitter: float) -> None:
    def waited(source: Source) -> timedelta:
        return next_state(state(), source, POLICY, NOT_MODIFIED, NOW, jitter).next_check_at - NOW

    assert minutes(30) <= waited(make_source(every=minutes(30))) < minutes(33)  # by a tenth
    planned = wait(state(), NOT_MODIFIED)
    assert planned <= waited(SOURCE) <= planned + minutes(1)  # which comes at its time for a reason


# --- what the publisher asks for -------------------------------------------------------------------------------------


def cached(control: str, age: str = "0") -> Response:
    return response(headers={**HEADERS, "cache-control": control, "age": age})


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (good(hints=Hints(every=minutes(90))), minutes(90)),
        (good(hints=Hints(every=timedelta(days=7))), POLICY.max),  # never longer than the operator allows
        (good(hints=Hints(every=minutes(1))), None),  # a hint makes no poll earlier
        (good(response=cached("public, max-age=7200")), minutes(120)),
        (
            good(response=cached("max-age=7200", age="1800")),
            minutes(90),
        ),  # the cache's copy is half an hour old
        (good(response=cached("max-age=7200, no-cache")), None),
        (good(response=cached("max-age=999999999")), POLICY.max),
        (good(response=cached("max-age=-1")), None),
    ],
)
def test_ttl_and_cache_control_put_a_poll_off_within_the_operators_bounds(
    reading: Reading, expected: timedelta | None
) -> None:
    assert wait(state(), reading) == (expected or wait(state(), good()))


def test_what_a_feed_asks_for_holds_while_it_answers_304_and_a_configured_interval_wins() -> None:
    asked = after(state(), good(hints=Hints(every=minutes(90))))
    assert wait(asked, replace(NOT_MODIFIED, body_hash="two")) == minutes(90)
    assert wait(asked, good(body_hash="three")) < minutes(30)  # the document does not ask any more
    assert wait(asked, good(hints=asked.hints), source=make_source(every=minutes(10))) == minutes(10)


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (Hints(skip_hours=(9, 10, 11)), NOW.replace(hour=12)),
        (Hints(skip_hours=tuple(range(24))), NOW + POLICY.max),  # a feed cannot silence itself
        (Hints(skip_days=(1,)), NOW + POLICY.max),  # it is a Tuesday, and longer than `max`
        (Hints(skip_hours=(3,), skip_days=(5, 6)), None),
    ],
)
def test_skipped_hours_and_days_are_waited_out(hints: Hints, expected: datetime | None) -> None:
    read = after(state(), good(hints=hints))
    assert read.next_check_at == (expected or NOW + wait(state(), good()))


# --- overrun and churn -----------------------------------------------------------------------------------------------


BODIES = itertools.count()


def shown(known: int, namesakes: int = 0, strangers: int = 0) -> Reading:
    """A document of items that this source had shown, that it showed under other ids, and that are new."""
    met = [Met(True)] * known + [Met(False, ("k", "g", "h"))] * namesakes + [Met()] * strangers
    items = [Shown(str(n), str(n), "h", published=NOW - minutes(n)) for n in range(len(met))]
    fresh = Reading(response(), body_hash=f"{next(BODIES)}")
    return recognise(state(churn=CHURN_AFTER), fresh, items, met)[0]


def test_a_document_without_anything_known_is_an_overrun_and_is_polled_faster() -> None:
    calm = watched(0.25, interval=minutes(50), succeeded_at=NOW - minutes(50))
    over = after(calm, shown(0, strangers=30))
    assert (over.health, over.message) == (Health.OVERRUN, OVERRUN)
    assert over.next_check_at - NOW <= minutes(25)  # half of what was too long
    still = after(over, NOT_MODIFIED)
    assert (still.health, still.message) == (Health.OVERRUN, OVERRUN)
    well = after(over, shown(29, strangers=1))
    assert (well.health, well.message) == (Health.OK, "")
    assert well.next_check_at - NOW <= minutes(25 * 1.25)  # and slows down by and by
    assert after(over, *[shown(30) for _ in range(40)]).hurry is None


@pytest.mark.parametrize(
    ("before", "reading"),
    [
        (state(), shown(1, strangers=29)),  # one was known: nothing came and went between
        (state(), shown(0, strangers=1)),  # a document of one item is always new
        (SourceState("gazette", NOW), shown(0, strangers=30)),  # the first reading
        (state(read_from="https://old.example.org/feed"), shown(0, strangers=30)),  # another address
        (state(), shown(0, namesakes=30)),  # only the ids are new
        (state(), good(items=0)),
    ],
)
def test_what_is_no_overrun(before: SourceState, reading: Reading) -> None:
    assert after(before, reading).health is not Health.OVERRUN


def test_an_overrun_is_filled_from_the_outlets_sources_that_reach_further_back() -> None:
    def at(id: str, kind: SourceKind, url: str) -> Source:
        return make_source(id, kind=kind, url=url)

    feed = at("feed", SourceKind.FEED, "https://www.example.org/feed")
    others = [
        feed,
        at("map", SourceKind.NEWS_SITEMAP, "https://example.org/news.xml"),
        at("api", SourceKind.WORDPRESS, "https://www.example.org/wp-json/wp/v2/posts"),
        at("sport", SourceKind.FEED, "https://www.example.org/sport"),
        at("elsewhere", SourceKind.NEWS_SITEMAP, "https://example.com/news.xml"),
    ]
    assert to_fill(state(), feed, shown(0, strangers=30), others) == ["map", "api"]
    assert to_fill(state(), feed, shown(1, strangers=29), others) == []
    assert to_fill(state(), feed, failing(), others) == []


def test_ids_that_change_with_each_reading_are_told_at_the_third_and_titles_count_from_then_on() -> None:
    polls = [shown(2, namesakes=27, strangers=1) for _ in range(4)]
    once, twice, thrice, again = (after(state(), *polls[:n]) for n in (1, 2, 3, 4))
    assert [each.churn for each in (once, twice, thrice)] == [1, 2, CHURN_AFTER]
    assert [each.message for each in (once, twice, thrice)] == ["", "", CHURN]
    assert again.message == CHURN
    assert after(thrice, shown(29, strangers=1)).message == ""  # it stopped


@pytest.mark.parametrize(
    ("churn", "items"),
    [
        (0, 30),
        (CHURN_AFTER - 2, 30),
        (CHURN_AFTER - 1, 1),  # this is the third: of the 30 one has a new title
    ],
)
def test_items_known_by_title_are_left_out_where_ids_are_worth_nothing(churn: int, items: int) -> None:
    met = [Met(False, (f"k{n}", None, "h")) for n in range(29)] + [Met()]
    entries = [Shown(str(n), str(n), "h") for n in range(30)]
    reading, left, known = recognise(state(churn=churn), Reading(response()), entries, met)
    assert (len(left), len(known)) == (items, 29 if items == 1 else 0)
    assert (reading.items, reading.strangers, reading.namesakes, len(reading.arrivals)) == (30, 30, 29, 1)


def test_a_busy_source_whose_titles_are_new_too_is_no_churn() -> None:
    assert after(state(), *[shown(10, strangers=20)] * 5).churn == 0


# --- failures --------------------------------------------------------------------------------------------------------


def test_failures_in_a_row_back_off_to_the_maximum_and_keep_the_reason_and_since_when() -> None:
    one = after(state(), failing())
    three = after(one, failing(), failing())
    assert (one.health, one.since, one.failures, one.message) == (Health.FAILING, NOW, 1, "timeout")
    assert [wait(state(), *[failing()] * count) for count in (1, 2, 3)] == [
        minutes(10),
        minutes(20),
        minutes(40),
    ]
    assert wait(state(), *[failing()] * 50) == POLICY.max
    assert (three.failures, three.since, three.succeeded_at) == (3, NOW, NOW - minutes(20))
    assert three.interval == minutes(20)  # the pace of its healthy days comes back with its health


def test_an_accident_of_a_slow_source_is_looked_after_soon() -> None:
    assert wait(state(interval=timedelta(hours=6)), failing()) == minutes(10)
    assert wait(state(interval=minutes(2)), failing()) == minutes(2)


def test_a_success_ends_the_failure() -> None:
    well = after(state(), failing(), failing(), good(new_items=1))
    assert (well.health, well.failures, well.message, well.since) == (Health.OK, 0, "", NOW)


@pytest.mark.parametrize(
    ("status", "health"),
    [
        (401, Health.BLOCKED),
        (403, Health.BLOCKED),
        (451, Health.BLOCKED),
        (404, Health.FAILING),
        (410, Health.GONE),
        (500, Health.FAILING),
        (503, Health.FAILING),
        (None, Health.FAILING),
    ],
)
def test_the_health_says_what_kind_of_failure_it_is(status: int | None, health: Health) -> None:
    assert after(state(), failing(status)).health is health


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_slows_the_source_down_faster_than_an_accident(status: int) -> None:
    assert wait(state(), failing(status), failing(status)) == minutes(80)
    assert wait(state(), failing(500), failing(500)) == minutes(20)


def test_410_is_gone_at_once_and_asked_as_seldom_as_possible() -> None:
    assert wait(state(), failing(410)) == POLICY.max


def test_404_is_gone_after_three_days_and_stays_so() -> None:
    since = NOW - timedelta(hours=73)
    sick = state(health=Health.FAILING, failures=9, since=since)
    assert after(sick, failing(404)).health is Health.GONE
    assert (
        after(state(health=Health.FAILING, failures=9, since=NOW - timedelta(hours=71)), failing(404)).health
        is Health.FAILING
    )
    assert after(sick, failing(404), failing(404)).health is Health.GONE
    assert after(sick, failing(404), good()).health is Health.OK
    assert after(state(since=since), failing(404)).health is Health.FAILING  # three good days are no 404


@pytest.mark.parametrize(
    ("retry_after", "expected"),
    [
        (timedelta(seconds=120), timedelta(seconds=120)),
        (timedelta(seconds=1), timedelta(seconds=60)),  # clamped below
        (timedelta(0), timedelta(seconds=60)),
        (timedelta(days=30), timedelta(hours=24)),  # and above
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed_within_reason(
    status: int, retry_after: timedelta, expected: timedelta
) -> None:
    assert wait(state(), failing(status, retry_after=retry_after)) == expected


def test_retry_after_means_nothing_with_other_statuses() -> None:
    assert wait(state(), failing(500, retry_after=timedelta(days=1))) == minutes(10)


def test_a_login_page_or_a_captcha_is_blocked_and_any_other_page_failing() -> None:
    login = unread(response(), NotAFeed("not a feed: a login page", blocked=True))
    page = unread(response(), NotAFeed("not a feed: an HTML page"))
    assert (after(state(), login).health, after(state(), page).health) == (Health.BLOCKED, Health.FAILING)
    assert after(state(), login).message == "not a feed: a login page"
    assert wait(state(), login, login) == minutes(80)


def test_a_document_that_killed_its_worker_is_a_failure_in_words() -> None:
    reading = unread(response(), WorkerTimeout("killed after 20 s"))
    assert (reading.problem, reading.not_a_feed) == ("not read: killed after 20 s", False)
    assert after(state(), reading).message == "not read: killed after 20 s"


def test_an_empty_answer_is_a_failure_even_if_nobody_parsed_it() -> None:
    empty = after(state(), Reading(response(body=b"")))
    assert (empty.health, empty.message) == (Health.FAILING, "empty: the server sent no content")


# --- health after a success ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "reading", "health"),
    [
        (Health.NEW, good(), Health.OK),
        (Health.NEW, good(items=0), Health.EMPTY),
        (Health.OK, good(items=0), Health.EMPTY),
        (Health.EMPTY, NOT_MODIFIED, Health.EMPTY),  # still as empty as it was
        (Health.EMPTY, UNCHANGED, Health.EMPTY),
        (Health.OK, UNCHANGED, Health.OK),
        (Health.FAILING, NOT_MODIFIED, Health.OK),  # it answers what was read well before
        (Health.GONE, good(), Health.OK),
    ],
)
def test_health_follows_what_was_read(before: Health, reading: Reading, health: Health) -> None:
    assert after(state(health=before), reading).health is health


def test_since_changes_only_with_the_health() -> None:
    assert after(state(), good()).since == NOW - timedelta(days=9)
    assert after(state(), good(items=0)).since == NOW
    assert after(SourceState("gazette", NOW), good()).since == NOW


def test_a_notice_is_kept_while_the_source_shows_the_same() -> None:
    damaged = after(state(), good(notice="declared latin-1, read as utf-8"))
    assert damaged.message == "declared latin-1, read as utf-8"
    assert after(damaged, replace(NOT_MODIFIED, body_hash="two")).message == damaged.message
    assert after(damaged, good(body_hash="three")).message == ""


def test_new_items_are_counted() -> None:
    assert after(state(items_seen=5), good(new_items=3), NOT_MODIFIED).items_seen == 8


# --- validators ------------------------------------------------------------------------------------------------------


def validators(of: SourceState) -> tuple[str | None, str | None, str | None]:
    return of.etag, of.last_modified, of.body_hash


def test_a_whole_reading_stores_its_validators_and_the_next_request_sends_them() -> None:
    read = after(state(), good(new_items=1))
    assert validators(read) == ('"2"', "Tue, 21 Apr 2026 08:00:00 GMT", "two")
    requests = [request_for(SOURCE, replace(read, checked_at=NOW + minutes(n))) for n in range(5)]
    assert Request(URL, etag='"2"', last_modified="Tue, 21 Apr 2026 08:00:00 GMT") in requests


@pytest.mark.parametrize(
    ("reading", "kept"),
    [
        (failing(500), True),  # the network's trouble says nothing about the document
        (failing(kind=FailureKind.TRUNCATED), True),
        (unread(response(), ParseError("empty")), False),  # what could not be read is asked for whole
        (good(new_items=3, notice="truncated: the 3 complete items were read"), False),
        (good(new_items=3, notice="declared x, read as y; truncated: the 3 complete items were read"), False),
        (NOT_MODIFIED, True),
    ],
)
def test_validators_survive_only_what_leaves_the_document_known(reading: Reading, kept: bool) -> None:
    assert validators(after(state(), reading)) == (('"1"', None, "one") if kept else (None, None, None))


def test_validators_that_a_server_stopped_sending_are_forgotten() -> None:
    assert validators(after(state(), good(response=response(headers={})))) == (None, None, "two")


def test_every_so_often_a_request_is_unconditional_and_goes_to_the_configured_address() -> None:
    known = state(moved_to=MOVED, moved_seen=3)
    polls = [request_for(SOURCE, replace(known, checked_at=NOW + minutes(n))) for n in range(2000)]
    full = [request for request in polls if not request.conditional]
    assert 60 <= len(full) <= 140
    assert {request.url for request in full} == {URL}
    assert {request.url for request in polls if request.conditional} == {MOVED}


def test_a_slow_source_is_asked_unconditionally_more_often() -> None:
    slow = state(interval=timedelta(hours=6))
    polls = [request_for(SOURCE, replace(slow, checked_at=NOW + minutes(n))) for n in range(400)]
    assert 70 <= sum(not request.conditional for request in polls) <= 130


def test_a_server_whose_etag_stays_while_its_news_changes_is_never_asked_conditionally_again() -> None:
    same_tag = response(headers={"etag": '"1"'})
    liar = after(state(), good(new_items=2, response=same_tag))
    assert (liar.etag, liar.last_modified) == (DISTRUSTED, DISTRUSTED)
    later = after(liar, good(new_items=0, body_hash="three"), unread(response(), ParseError("empty")), good())
    assert later.etag == DISTRUSTED
    assert not any(
        request_for(SOURCE, replace(later, checked_at=NOW + minutes(n))).conditional for n in range(50)
    )


@pytest.mark.parametrize(
    "reading",
    [
        good(new_items=0, response=response(headers={"etag": '"1"'})),  # only the clock in it moved
        good(new_items=2),  # another tag
        good(new_items=2, response=response(headers={})),  # none at all
    ],
)
def test_an_etag_is_believed_while_its_news_do_not_contradict_it(reading: Reading) -> None:
    assert after(state(), reading).etag != DISTRUSTED


# --- moves -----------------------------------------------------------------------------------------------------------


def moved(to: str = MOVED) -> Reading:
    return good(response=response(moved_to=to, url=to))


def test_a_source_moves_after_three_equal_answers_that_were_read() -> None:
    twice = after(state(), moved(), moved())
    thrice = after(twice, moved())
    assert [each.moved_seen for each in (twice, thrice)] == [2, 3]
    assert request_for(SOURCE, replace(twice, checked_at=NOW)).url == URL
    urls = {request_for(SOURCE, replace(thrice, checked_at=NOW + minutes(n))).url for n in range(100)}
    assert MOVED in urls


@pytest.mark.parametrize(
    ("between", "seen"),
    [
        (good(), 1),  # the old address answered by itself: counting starts anew
        (moved("https://elsewhere.example.org/"), 1),
        (failing(500), 3),  # an accident proves nothing
        (unread(response(moved_to=MOVED), NotAFeed("a login page")), 3),
    ],
)
def test_other_answers_between_start_the_count_anew(between: Reading, seen: int) -> None:
    assert after(state(), moved(), moved(), between, moved()).moved_seen == seen


def test_a_redirect_to_a_page_that_is_no_feed_moves_nothing() -> None:
    page = unread(response(moved_to=MOVED, url=MOVED), NotAFeed("not a feed: an HTML page"))
    assert after(state(), page, page, page).moved_to is None


def test_a_new_address_that_fails_three_times_gives_way_to_the_old_one() -> None:
    settled = state(moved_to=MOVED, moved_seen=3)
    gone = failing(404, url=MOVED)
    assert after(settled, gone, gone).moved_to == MOVED
    assert after(settled, gone, gone, gone).moved_to is None


def test_an_address_changed_in_the_configuration_is_asked_at_once_and_nothing_is_remembered_of_the_old_one() -> (
    None
):
    settled = after(state(moved_to=MOVED, moved_seen=3, etag='"1"'), moved())
    elsewhere = make_source(url="https://other.example.org/rss")
    polls = {request_for(elsewhere, replace(settled, checked_at=NOW + minutes(n))) for n in range(50)}
    assert polls == {Request(elsewhere.url)}
    answer = good(
        response=response(request=Request(elsewhere.url), url=elsewhere.url, headers={"etag": '"9"'})
    )
    read = after(settled, answer, source=elsewhere)
    assert (read.moved_to, read.moved_seen, read.etag, read.read_from) == (None, 0, '"9"', elsewhere.url)
    failed = after(settled, failing(500, url=elsewhere.url), source=elsewhere)
    assert request_for(elsewhere, failed) == Request(elsewhere.url)


def test_a_new_address_that_answers_stays() -> None:
    there = good(response=response(request=Request(MOVED), url=MOVED))
    assert after(state(moved_to=MOVED, moved_seen=3), there).moved_to == MOVED
