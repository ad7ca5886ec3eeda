"""Of an address that is not stored: which sources read its host, and how they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from monitor.model import Condition, Health, Source, SourceState
from monitor.refine import url_key
from monitor.why.answers import Answer, minute

ILL = (Health.FAILING, Health.BLOCKED, Health.GONE)
SHORT = 3  # letters: what is shorter before a country is no outlet's name (co.uk, com.qa)


def of_host(key: str, sources: Iterable[Source]) -> list[Source]:
    """Those that read the host of this canonical key, or a neighbour of it (feeds.example.org for www.example.org)."""
    site = _site(_host(key))
    return [source for source in sources if site and _site(_host(url_key(source.url))) == site]


def _host(key: str) -> str:
    return key.partition("/")[0].partition("?")[0].rpartition("@")[2]


def _site(host: str) -> str:
    """The part of a host name that its subdomains share, by the look of it: a list of public suffixes would be surer, and
    the worst that can happen here is a source named that has nothing to do with it."""
    labels = host.split(".")
    if len(labels) <= 2 or labels[-1].isdigit() or ":" in host:
        return host
    country = len(labels[-1]) == 2 and len(labels[-2]) <= SHORT
    return ".".join(labels[-3:] if country else labels[-2:])


def how(source: Source, state: SourceState | None, condition: Condition, now: datetime) -> Answer:
    """Why the source may not have brought an article."""
    name = source.name or source.id
    if state is None or state.checked_at is None:
        return _answer("not-yet-polled", source, state, f"{name} was never read; {_next(state, now)}")
    if state.failures or state.health in ILL:
        since = condition.ill_since or state.since
        began = f" since {minute(since)}" if since else ""
        read = f"last read well {minute(state.succeeded_at)}" if state.succeeded_at else "never read well"
        text = f"{name} cannot be read{began}: {state.message}; {read}; {_next(state, now)}"
        return _answer("source-failing", source, state, text)
    missed = "; it lost articles between two readings" if condition.state is Health.OVERRUN else ""
    text = f"{name} was read {minute(state.checked_at)} and has not shown this address{missed}; {_next(state, now)}"
    return _answer("never-seen", source, state, text)


def _answer(answer: str, source: Source, state: SourceState | None, text: str) -> Answer:
    facts = {
        "source": source.id,
        "last_check": state.checked_at if state else None,
        "last_success": state.succeeded_at if state else None,
        "next_check": state.next_check_at if state else None,
        "failures": state.failures if state else 0,
        "message": state.message if state else "",
    }
    return Answer(answer, text, at=state.since if state else None, facts=facts)


def _next(state: SourceState | None, now: datetime) -> str:
    if state is None or state.next_check_at <= now:
        return "it is due now"
    return f"next reading {minute(state.next_check_at)}"


def unknown(key: str) -> Iterator[Answer]:
    host = _host(key)
    yield Answer(
        "no-source", f"no configured source reads {host}: `monitor sources add https://{host}/` looks for one"
    )
