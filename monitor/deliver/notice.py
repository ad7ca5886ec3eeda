"""Delivery of a Notice -> Message: what an operator is told of the service itself, in his language. Pure.

Called by render. One line a source: how it is, since when, why, and what to do. The subject says which and how many,
so that it can be judged without opening it.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.deliver.document import notice_document
from monitor.deliver.notice_words import NoticeWords, notice_words_for
from monitor.deliver.templating import environment, inliner
from monitor.deliver.words import moment, words_for
from monitor.model import Delivery, Message, Notice, NoticeLine, Recipient
from monitor.text.plain import NAME, one_line

LINES = 100  # shown; the rest is counted
REASON = 400
WELL = "ok"


@dataclass(frozen=True, slots=True)
class Line:
    subject: str
    state: str
    since: str  # as the recipient's clock has it, or ""
    reason: str
    advice: str


def render_notice(
    delivery: Delivery, notice: Notice, recipient: Recipient, public_url: str, host: str
) -> Message:
    words, common = notice_words_for(recipient.language), words_for(recipient.language)
    ill = [_line(each, recipient, words) for each in notice.lines if each.state != WELL]
    well = [one_line(each.subject, NAME) for each in notice.lines if each.state == WELL]
    subject = _subject(notice, words)
    view = {
        "words": words,
        "common": common,
        "subject": subject,
        "ill": ill[:LINES],
        "more": max(0, len(ill) - LINES),
        "well": well[:LINES],
        "recipient": one_line(recipient.name or recipient.id, NAME),
        "reference": delivery.id,
    }
    return Message(
        reference=delivery.id,
        subject=subject,
        text=environment().get_template("notice.txt").render(view).strip() + "\n",
        html=inliner().inline(environment().get_template("notice.html").render(view)),
        data=notice_document(delivery, notice, public_url),
        created_at=delivery.created_at,
        list_id=f"operators.{host}",
        language=common.language,
    )


def _line(line: NoticeLine, recipient: Recipient, words: NoticeWords) -> Line:
    common = words_for(recipient.language)
    return Line(
        one_line(line.subject, NAME),
        words.states.get(line.state, line.state),
        moment(line.since, recipient.timezone, common) if line.since else "",
        one_line(line.reason, REASON),
        words.advice.get(line.state, ""),
    )


def _subject(notice: Notice, words: NoticeWords) -> str:
    """The first line, and how many more there are."""
    first, *others = notice.lines
    said = f"{one_line(first.subject, NAME)}{words.colon}{words.states.get(first.state, first.state)}"
    more = f" (+{len(others)})" if others else ""
    return f"[{words.label}] {said}{more}"
