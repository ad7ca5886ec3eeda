"""Of a stored article and one recipient: which of his watchlists match, which do not and by how much, what was decided
about telling him, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from monitor.judge import Rules, explain
from monitor.judge.routing import recipients_of
from monitor.model import Alert, Delivery, Digest, KnownArticle, Reason
from monitor.store import LedgerLine, Store
from monitor.why import words
from monitor.why.answers import Answer, minute
from monitor.why.failing import blames, in_words

JUDGED = (
    "route",
    "reply",
    "deliver",
    "hold",
    "release",
    "digest",
)  # stages whose lines are about a recipient


@dataclass(frozen=True, slots=True)
class Case:
    """The article with everything that was decided about it."""

    known: KnownArticle
    rules: Rules
    matched: frozenset[str]
    ledger: Sequence[LedgerLine]
    store: Store
    host: str


def watchlists_of(recipient: str, rules: Rules) -> list[str]:
    return [
        one.watchlist.id
        for one in rules.watchlists
        if recipient in recipients_of(one.watchlist, rules.routes)
    ]


def reached(case: Case) -> list[str]:
    """The recipients whom the article's matches concern."""
    routed = [
        id
        for one in case.rules.watchlists
        if one.watchlist.id in case.matched
        for id in recipients_of(one.watchlist, case.rules.routes)
    ]
    sent = [each.recipient for each in case.store.outbox.of_story(case.known.story_id)]
    return list(dict.fromkeys([*routed, *sent]))


def of_recipient(case: Case, recipient: str) -> Iterator[Answer]:
    mine = watchlists_of(recipient, case.rules)
    deliveries = case.store.outbox.of_story(case.known.story_id, recipient)
    if not mine and not deliveries:  # one whom it was escalated to gets no watchlist, and got this
        yield Answer(
            "nobody",
            f"{recipient} gets no watchlist: neither a notify nor a route names it",
            recipient=recipient,
        )
    for id in mine:
        yield _matched(case, id, recipient) if id in case.matched else not_matched(case, id, recipient)
    yield from (_delivered(case, each) for each in deliveries)
    yield from _decided(case, recipient, mine, bool(deliveries))


def _matched(case: Case, watchlist: str, recipient: str) -> Answer:
    found = [
        line
        for line in case.ledger
        if line.decision.reason is Reason.MATCHED and line.decision.subject == watchlist
    ]
    evidence = found[-1].decision.detail if found else "when it was judged; the ledger of then is gone"
    return Answer(
        "matched", f"{watchlist} matches: {evidence}", recipient, watchlist, found[-1].at if found else None
    )


def not_matched(case: Case, watchlist: str, recipient: str = "") -> Answer:
    """By today's rules; where those would match, they or the text have changed since it was judged."""
    tree = explain(case.known.article, watchlist, case.rules)
    if tree.held:
        text = f"{watchlist} matches it today, and did not when it was judged: the watchlist or the text has changed since"
        return Answer("matches-now", text, recipient, watchlist, explanation=tree)
    found = blames(tree)
    answer = found[0].answer if found else "not-matched"
    return Answer(
        answer, f"{watchlist} does not match: {in_words(found)}", recipient, watchlist, explanation=tree
    )


def _delivered(case: Case, delivery: Delivery) -> Answer:
    message_id = f"<{delivery.id}@{case.host}>"
    channel = case.store.channels.get((delivery.recipient, delivery.channel))
    answer, text = words.became(delivery, message_id, channel)
    shown = delivery.alert.article if isinstance(delivery.alert, Alert) else None
    if shown is not None and shown.key != case.known.article.key:
        text = f"the story was told with another report, «{shown.title}» ({shown.source_id}): {text}"
        answer = "already-told" if answer == "sent" else answer
    if isinstance(delivery.alert, Digest):
        text = f"in the {delivery.alert.kind} of {delivery.alert.slot}: {text}"
    facts = {
        "delivery": delivery.id,
        "channel": delivery.channel,
        "state": delivery.state,
        "message_id": message_id,
        "attempts": delivery.attempts,
        "next_attempt": delivery.next_attempt_at,
        "channel_open_since": channel.opened_at,
        "channel_next_try": channel.try_at,
        "error": delivery.last_error,
        "article_url": shown.url if shown else None,
    }
    at = delivery.sent_at or delivery.created_at
    return Answer(answer, text, delivery.recipient, at=at, facts=facts)


def _decided(case: Case, recipient: str, mine: Sequence[str], told: bool) -> Iterator[Answer]:
    """What the ledger has to say about telling him, each kind once and the latest of it. What a delivery tells better is
    left out."""
    latest: dict[tuple[str, str], LedgerLine] = {}
    for line in case.ledger:
        decision = line.decision
        about = decision.subject == recipient or decision.subject in case.matched.intersection(mine)
        if decision.stage in JUDGED and about:
            latest[decision.reason.value, decision.subject] = line
    for line in _not_overtaken(latest.values()):
        answer, text = words.told(line.decision)
        if told and answer in ("alerted", "already-told"):
            continue
        watchlist = line.decision.subject if line.decision.subject in mine else ""
        yield Answer(answer, f"{text} ({minute(line.at)})", recipient, watchlist, line.at)


def _not_overtaken(lines: Iterable[LedgerLine]) -> Iterator[LedgerLine]:
    """Without what said that it waits, where it was let go since."""
    found = list(lines)
    released = [line for line in found if line.decision.stage == "release"]
    for line in found:
        waits = line.decision.reason in (Reason.HELD, Reason.IN_DIGEST) and line.decision.stage == "route"
        gone = any(each.decision.subject == line.decision.subject and each.at >= line.at for each in released)
        if not (waits and gone):
            yield line
