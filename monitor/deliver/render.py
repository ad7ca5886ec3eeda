"""Delivery -> Message: the alert in the recipient's language and time zone, with the reasons shown. Pure.

Called by the pipeline for each claimed delivery. Rendering the same delivery twice gives the same bytes, so a copy that
is sent again is the same message. It never fetches, and what an article says is text here, never markup or a template.
The first paragraph of `Message.text` is the headline; chat shows it as the title.
"""

from __future__ import annotations

import re

from monitor.deliver.digest import render_digest
from monitor.deliver.document import document
from monitor.deliver.following import Following, following
from monitor.deliver.notice import render_notice
from monitor.deliver.reasons import Reasons, reasons_of
from monitor.deliver.spike import render_spike
from monitor.deliver.templating import body_of, environment, inliner, link
from monitor.deliver.words import Words, moment, words_for
from monitor.model import (
    Alert,
    Delivery,
    Digest,
    Letter,
    Links,
    Message,
    Notice,
    Recipient,
    SpikeAlert,
)
from monitor.text.direction import right_to_left
from monitor.text.plain import NAME, one_line
from monitor.text.snippets import marked

# What keeps the mail short; where an article's own text is too much all the same, passages are left out.
# Bytes of text and HTML: below 90 kB on the wire whatever the encoding; Gmail hides what lies beyond 102 kB.
LARGEST = 64_000
PASSAGES = (3, 1, 0)  # a watchlist, tried in this order
SUBJECT = 200
HEADLINE = 400
LEAD = 320
WATCHLISTS = 8


def render(
    delivery: Delivery,
    recipient: Recipient,
    public_url: str,
    host: str,
    links: Links | None = None,
    *,
    first: Delivery | None = None,
    letter: Letter | None = None,
    chart: bytes = b"",
) -> Message:
    """What all the recipient's channels show of a delivery. `host` names this installation in List-Id; `links` are
    those by which this recipient may answer, where the channel should have them; `first` is the edition that began the
    story's thread on this channel. A digest needs its `letter`, an alert of a spike its `chart` (PNG): rooms beside this
    one make them."""
    match delivery.alert:
        case Notice():
            return render_notice(delivery, delivery.alert, recipient, public_url, host)
        case Digest():
            if letter is None:
                raise ValueError("a digest cannot be rendered without its letter")
            return render_digest(delivery, delivery.alert, letter, recipient, public_url, host, links)
        case SpikeAlert():
            return render_spike(delivery, delivery.alert, chart, recipient, public_url, host, links)
        case Alert():
            return _render_alert(delivery, delivery.alert, recipient, public_url, host, links, first)


def _render_alert(
    delivery: Delivery,
    alert: Alert,
    recipient: Recipient,
    public_url: str,
    host: str,
    links: Links | None,
    first: Delivery | None,
) -> Message:
    words = words_for(recipient.language)
    reasons = reasons_of(alert, words)
    news = following(alert, recipient, words)
    subject = _subject(_root(alert, delivery.story, first), words)
    view = {
        **_view(delivery, alert, recipient, reasons, words),
        "links": links,
        "news": news,
        "subject": subject,
    }
    text, html = _bodies(view)
    return Message(
        reference=delivery.id,
        subject=subject,
        text=text,
        html=html,
        data=document(delivery, alert, reasons, public_url),
        created_at=delivery.created_at,
        list_id=_list_id(alert, host),
        language=words.language,
        url=alert.article.url,
        unsubscribe=links.leave if links else None,
        chat=_chat(alert, news, view, first),
        thread=first.id if first and first.id != delivery.id else None,
    )


def _root(alert: Alert, story: int | None, first: Delivery | None) -> Alert:
    """The alert whose headline the story's thread has for good."""
    told = first.alert if first else alert
    if isinstance(told, Digest):
        told = next((one for one, id in zip(told.alerts, told.stories, strict=False) if id == story), alert)
    return told if isinstance(told, Alert) else alert


def _chat(alert: Alert, news: Following, view: dict[str, object], first: Delivery | None) -> str:
    """An update of what the chat has just above is one line; anything else is whole, without marks or links to answer by. A
    letter is nothing that one line could stand beneath: it told of others, too."""
    alone = first is not None and isinstance(first.alert, Alert)
    if alone and (alert.update or alert.correction):
        return news.line
    whole = {**view, "links": None, "mark": ""}
    return body_of(environment().get_template("alert.txt").render(whole))


def _bodies(view: dict[str, object]) -> tuple[str, str]:
    text = html = ""
    view["mark"] = "**"
    for shown in PASSAGES:
        view["shown"] = shown
        html = inliner().inline(environment().get_template("alert.html").render(view))
        text = environment().get_template("alert.txt").render(view).strip() + "\n"
        if len(html.encode()) + len(text.encode()) < LARGEST:
            break
    return text, html


def _list_id(alert: Alert, host: str) -> str:
    """What mail rules can sort by: the most severe watchlist, under this installation's name."""
    label = re.sub(r"[^A-Za-z0-9-]+", "-", alert.watchlists[0]).strip("-") if alert.watchlists else ""
    return f"{label or 'alerts'}.{host}"


def _subject(alert: Alert, words: Words) -> str:
    """Of the first edition, so it is stable for a story: no counts, no times."""
    title = one_line(alert.article.title, SUBJECT) or words.untitled
    return f"[{words.severity[alert.severity]}] {title}"


def _view(
    delivery: Delivery, alert: Alert, recipient: Recipient, reasons: Reasons, words: Words
) -> dict[str, object]:
    article = alert.article
    hits = [hit for match in alert.matches for hit in match.hits]
    at, label = (
        (article.published, words.published) if article.published else (article.first_seen, words.first_seen)
    )
    return {
        "words": words,
        "rtl": words.rtl,
        "severity": alert.severity.value,
        "severity_word": words.severity[alert.severity],
        "watchlists": tuple(one_line(title, NAME) for title in alert.titles[:WATCHLISTS]),
        "headline": marked(article.title, hits, "title", HEADLINE),
        "lead": "" if any(r.passages for r in reasons) else one_line(article.summary or article.body, LEAD),
        "language": article.language or "",
        "article_rtl": right_to_left(article.title, article.language),
        "url": "" if _gone(alert) else link(article.url),
        "outlet": one_line(alert.source_name or article.source_id, NAME),
        "moment_label": label,
        "moment": moment(at, recipient.timezone, words),
        "reasons": reasons[:WATCHLISTS],
        "more": max(0, len(reasons) - WATCHLISTS),
        "recipient": one_line(recipient.name or recipient.id, NAME),
        "reference": delivery.id,
        "edition": alert.edition,
    }


def _gone(alert: Alert) -> bool:
    return alert.correction is not None and alert.correction.kind == "removed"
