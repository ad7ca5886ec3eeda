"""The question's way: an address or number, to an article or else its sources, to the answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.judge import Explanation, Rules
from monitor.model import Alert, Delivery, KnownArticle
from monitor.refine import url_key
from monitor.store import Store
from monitor.why import articles, sources
from monitor.why.answers import Answer, worst_first
from monitor.why.letters import of_letter
from monitor.why.recipients import Case, not_matched, of_recipient, reached

NEAREST = 3  # watchlists shown where none matched and nobody in particular asks
_REFERENCE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HUGE = 18  # digits; no row has such a number


@dataclass(frozen=True, slots=True)
class Told:
    """`known` is None where the article is not stored; without answers nothing at all is known."""

    asked: str
    known: KnownArticle | None
    answers: tuple[Answer, ...]
    watchlists: int = 0  # that do not match and are not named, as nobody in particular asked
    letter: bool = False  # it was asked for a mail that tells of no single article

    @property
    def nothing(self) -> bool:
        return self.known is None and all(each.answer == "no-source" for each in self.answers)


def why(store: Store, rules: Rules, asked: str, recipient: str | None, host: str, now: datetime) -> Told:
    """`asked`: an article's number or address, or a mail's reference or Message-ID. `host`: the right side of Message-IDs.
    The recipient, where one is given, is one of the rules'."""
    known, key = _find(store, asked)
    if known is None and (letter := _letter(store, asked)):
        return Told(asked, None, tuple(of_letter(store, letter, host)), letter=True)
    if known is None:
        return Told(asked, None, worst_first(_of_address(store, rules, key, now)) if key else ())
    ledger = store.ledger.of_article(known.id, known.article.key)
    matched = frozenset(match.watchlist for match in store.articles.matches(known.id))
    case = Case(known, rules, matched, ledger, store, host)
    source = rules.sources.get(known.article.source_id)
    answers = list(articles.of_article(store, known, source, ledger))
    asking = [recipient] if recipient else reached(case)
    answers += [answer for each in asking for answer in of_recipient(case, each)]
    left = 0
    if not recipient:
        answers = [each for each in answers if not each.explanation]
        others = [one.watchlist.id for one in rules.watchlists if one.watchlist.id not in matched]
        nearest = [] if matched else _nearest([not_matched(case, id) for id in others])
        answers += nearest
        left = len(others) - len(nearest)
        if matched and not asking:
            answers += _unheard(case)
    return Told(asked, known, worst_first(answers), left)


def _find(store: Store, asked: str) -> tuple[KnownArticle | None, str]:
    """The article, and the key of the address that was asked for ("" where it was none)."""
    if asked.isdecimal():
        return (store.articles.get(int(asked)) if len(asked) <= _HUGE else None), ""
    told = _letter(store, asked)
    if told is not None and isinstance(told.alert, Alert):
        return store.articles.by_url_key(told.alert.article.key), told.alert.article.key
    key = url_key(asked)
    return (store.articles.by_url_key(key) if key else None), key


def _letter(store: Store, asked: str) -> Delivery | None:
    """The delivery whose reference or Message-ID this is."""
    reference = _REFERENCE.search(asked.lower())
    return store.outbox.get(reference.group()) if reference else None


def _of_address(store: Store, rules: Rules, key: str, now: datetime) -> Iterator[Answer]:
    yield from articles.lost(store.ledger.of_article(item_key=key))
    reading = sources.of_host(key, rules.sources.values())
    states = {state.source_id: state for state in store.sources.all()}
    for source in reading:
        yield sources.how(source, states.get(source.id), store.conditions.get(source.id), now)
    if not reading:
        yield from sources.unknown(key)


def _unheard(case: Case) -> list[Answer]:
    return [
        Answer("nobody", f"{id} matches, but neither notify nor a route names anybody", watchlist=id)
        for id in sorted(case.matched)
    ]


def _nearest(answers: Sequence[Answer]) -> list[Answer]:
    """Those of which the most was found."""
    return sorted(answers, key=lambda each: -_found(each.explanation))[:NEAREST]


def _found(tree: Explanation | None) -> int:
    return 0 if tree is None else len(tree.hits) + sum(_found(child) for child in tree.children)
