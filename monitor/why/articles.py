"""Of a stored article, whoever asks: how it was read, how late it was seen, and what it is a copy of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from monitor.model import KnownArticle, Reason, Source, TextFrom
from monitor.store import LedgerLine, Store
from monitor.why.answers import Answer, minute

LATE = timedelta(hours=1)
FAILED = (Reason.FETCH_FAILED, Reason.NOT_A_FEED, Reason.PARSE_FAILED)


def of_article(
    store: Store, known: KnownArticle, source: Source | None, ledger: Sequence[LedgerLine]
) -> Iterator[Answer]:
    yield from _extraction(known, source, ledger)
    yield from _late(store, known)
    yield from _copy(store, known)


def _extraction(known: KnownArticle, source: Source | None, ledger: Sequence[LedgerLine]) -> Iterator[Answer]:
    article = known.article
    if article.text_from is TextFrom.PAGE or source is None or not source.full_text:
        return
    failed = [line for line in ledger if line.decision.reason in (Reason.PAGE_FAILED, Reason.REFINE_FAILED)]
    why = failed[-1].decision.detail if failed else "its page brought no text"
    rest = "its title alone" if article.text_from is TextFrom.TITLE else f"the feed's {article.text_from}"
    size = len(article.body)
    text = f"the text of its page was not had ({why}); it was judged by {rest}, {size} characters"
    yield Answer("extraction-failed", text, at=failed[-1].at if failed else None, facts={"detail": why})


def lost(ledger: Sequence[LedgerLine]) -> Iterator[Answer]:
    """Of an item that never became an article."""
    failed = [line for line in ledger if line.decision.reason is Reason.REFINE_FAILED]
    if failed:
        line = failed[-1]
        text = f"{line.source_id} showed it, and it could not be made into an article: {line.decision.detail}"
        facts = {"source": line.source_id, "detail": line.decision.detail, "times": len(failed)}
        yield Answer("extraction-failed", text, at=line.at, facts=facts)


def _late(store: Store, known: KnownArticle) -> Iterator[Answer]:
    article = known.article
    if article.published is None or article.backlog or article.first_seen - article.published < LATE:
        return
    late = article.first_seen - article.published
    hours, minutes = divmod(int(late.total_seconds()) // 60, 60)
    text = f"published {minute(article.published)}, first seen {minute(article.first_seen)}: {hours} h {minutes} min later"
    trouble = [
        line
        for line in store.ledger.of_source(article.source_id)
        if line.decision.reason in FAILED and line.at <= article.first_seen
    ]
    if trouble and trouble[-1].at > article.published - late:
        text += f"; its source failed on {minute(trouble[-1].at)}: {trouble[-1].decision.detail}"
    yield Answer("seen-late", text, at=article.first_seen, facts={"late_seconds": late.total_seconds()})


def _copy(store: Store, known: KnownArticle) -> Iterator[Answer]:
    if known.duplicate_of is None:
        return
    original = store.articles.get(known.duplicate_of)
    name = f"article {known.duplicate_of}"
    if original is not None:
        name += f" «{original.article.title}» ({original.article.source_id}, {original.article.url or original.article.key})"
    facts = {"duplicate_of": known.duplicate_of, "url": original.article.url if original else None}
    yield Answer("duplicate", f"it is a copy of {name}{_first_sent(store, known)}", facts=facts)


def _first_sent(store: Store, known: KnownArticle) -> str:
    sent = sorted(
        (each.sent_at, each.recipient) for each in store.outbox.of_story(known.story_id) if each.sent_at
    )
    if not sent:
        return ", which nobody was sent"
    people = ", ".join(dict.fromkeys(recipient for _, recipient in sent))
    return f", sent at {sent[0][0]:%H:%M}Z on {sent[0][0]:%Y-%m-%d} to {people}"
