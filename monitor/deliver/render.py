"""Delivery -> Message: the alert in the recipient's language and time zone, with the reasons shown. Pure.

Called by the pipeline for each claimed delivery. Rendering the same delivery twice gives the same bytes, so a copy that
is sent again is the same message. It never fetches, and what an article says is text here, never markup or a template.
The first paragraph of `Message.text` is the headline; chat shows it as the title.
"""

from __future__ import annotations

import re

from monitor.deliver.document import document
from monitor.deliver.notice import render_notice
from monitor.deliver.plain import render_plain
from monitor.deliver.reasons import Reasons, reasons_of
from monitor.deliver.templating import environment, inliner
from monitor.deliver.words import Words, moment, words_for
from monitor.model import Alert, Delivery, Links, Message, Notice, Recipient
from monitor.text.direction import right_to_left
from monitor.text.plain import NAME, one_line
from monitor.text.snippets import marked

# What keeps the mail short; where an article's own text is too much all the same, passages are left out.
LARGEST = 90_000  # bytes of HTML: Gmail hides what lies beyond 102 kB
PASSAGES = (3, 1, 0)  # a watchlist, tried in this order
SUBJECT = 200
HEADLINE = 400
LEAD = 320
URL = 2_000
WATCHLISTS = 8


def render(
    delivery: Delivery, recipient: Recipient, public_url: str, host: str, links: Links | None = None
) -> Message:
    """What all the recipient's channels show of a delivery. `host` names this installation in List-Id; `links` are
    those by which this recipient may answer, where the channel should have them."""
    if isinstance(delivery.alert, Notice):
        return render_notice(delivery, delivery.alert, recipient, public_url, host)
    if not isinstance(delivery.alert, Alert):
        return render_plain(delivery, delivery.alert, recipient, host)
    return _render_alert(delivery, delivery.alert, recipient, public_url, host, links)


def _render_alert(
    delivery: Delivery,
    alert: Alert,
    recipient: Recipient,
    public_url: str,
    host: str,
    links: Links | None,
) -> Message:
    words = words_for(recipient.language)
    reasons = reasons_of(alert, words)
    text, html = _bodies({**_view(delivery, alert, recipient, reasons, words), "links": links})
    return Message(
        reference=delivery.id,
        subject=_subject(alert, words),
        text=text,
        html=html,
        data=document(delivery, alert, reasons, public_url),
        created_at=delivery.created_at,
        list_id=_list_id(alert, host),
        language=words.language,
        url=alert.article.url,
        unsubscribe=links.unsubscribe if links else None,
    )


def _bodies(view: dict[str, object]) -> tuple[str, str]:
    text = html = ""
    for shown in PASSAGES:
        view["shown"] = shown
        html = inliner().inline(environment().get_template("alert.html").render(view))
        text = environment().get_template("alert.txt").render(view).strip() + "\n"
        if len(html.encode()) < LARGEST:
            break
    return text, html


def _list_id(alert: Alert, host: str) -> str:
    """What mail rules can sort by: the most severe watchlist, under this installation's name."""
    label = re.sub(r"[^A-Za-z0-9-]+", "-", alert.watchlists[0]).strip("-") if alert.watchlists else ""
    return f"{label or 'alerts'}.{host}"


def _subject(alert: Alert, words: Words) -> str:
    """Stable for a story: no counts, no times."""
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
        "subject": _subject(alert, words),
        "rtl": words.rtl,
        "severity": alert.severity.value,
        "severity_word": words.severity[alert.severity],
        "watchlists": tuple(one_line(title, NAME) for title in alert.titles[:WATCHLISTS]),
        "headline": marked(article.title, hits, "title", HEADLINE),
        "lead": "" if any(r.passages for r in reasons) else one_line(article.summary or article.body, LEAD),
        "language": article.language or "",
        "article_rtl": right_to_left(article.title, article.language),
        "url": _link(article.url),
        "outlet": one_line(alert.source_name or article.source_id, NAME),
        "moment_label": label,
        "moment": moment(at, recipient.timezone, words),
        "reasons": reasons[:WATCHLISTS],
        "more": max(0, len(reasons) - WATCHLISTS),
        "recipient": one_line(recipient.name or recipient.id, NAME),
        "reference": delivery.id,
        "edition": alert.edition,
    }


def _link(url: str | None) -> str:
    """The address where it is one that a mail may link to, else nothing."""
    usable = url is not None and url.startswith(("https://", "http://")) and len(url) <= URL
    return one_line(url, URL) if url and usable else ""
