"""Newsletters in an IMAP folder: one item a mail, or one a link in it. `mailfetch` brings them; nothing is marked as read.

A mail's Message-ID is its item's id. The document is JSON: `{"mails": [{"uid", "received", "raw": base64}], "problems"}`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

import re2

from monitor.collect import bounds
from monitor.collect.dates import read_date
from monitor.collect.jsonfeed import load
from monitor.collect.kinds.kind import Document
from monitor.collect.kinds.page import tree_of
from monitor.errors import NotAFeed, ParseError
from monitor.model import Each, Feed, Item, Source

HEADLINE = 20  # characters of a link's text: what is shorter is "read more" or a menu
LINKS = 100  # of one mail
MAX_PARTS = 500  # the library takes seconds over thousands, and minutes where they are nested
MAX_HEAD = 64_000  # bytes of headers
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_ASIDE = re.compile(
    r"unsubscribe|view (?:it )?(?:in|on)|d[ée]s(?:abonn|inscri)|dans (?:votre|le) navigateur|darse de baja|cancelar (?:tu|la|su) suscrip|"
    r"en (?:el|tu|su) navegador|إلغاء الاشتراك|في المتصفح",
    re.IGNORECASE,
)


def addresses(source: Source, now: datetime) -> tuple[str, ...]:
    return (source.url,)


def read(document: Document, source: Source) -> Feed:
    found = load(document.body.decode("utf-8", "replace"))
    rows = found.get("mails") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise NotAFeed("not a mailbox's mails")
    problems = [each for each in found.get("problems", ()) if isinstance(each, str)]
    items: list[Item] = []
    for row in reversed(rows):
        try:
            items.extend(_items(row, source))
        except (ParseError, ValueError, LookupError, TypeError, AttributeError) as error:
            # the library's parser fails in many ways on what spammers write; the other mails are read
            problems.append(f"mail {row.get('uid')}: not read: {error}"[:300])
    return bounds.feed("mailbox", "", items, problems)


def _items(row: Mapping[str, Any], source: Source) -> Iterator[Item]:
    mail = message_from_bytes(_raw(row), policy=policy.default)
    assert isinstance(mail, EmailMessage)  # of this policy
    if source.each is Each.LINK:
        yield from _link_items(mail, row, source)
    else:
        yield _mail_item(mail, row)


def _raw(row: Mapping[str, Any]) -> bytes:
    try:
        raw = base64.b64decode(row["raw"])
    except (KeyError, TypeError, binascii.Error):
        raise ParseError("it holds no mail") from None
    if raw.count(b"\n--") > MAX_PARTS or len(_HEAD_END.split(raw, 1)[0]) > MAX_HEAD:
        raise ParseError("refused, too complex to be a newsletter")
    return raw


def _mail_item(mail: EmailMessage, row: Mapping[str, Any]) -> Item:
    return Item(
        id=_message_id(mail, row),
        title=bounds.clean(" ".join(str(mail.get("Subject", "")).split())),
        content=_text(mail),
        published=_moment(mail, row),
        authors=bounds.authors([_sender(mail)]),
        language=bounds.clean(str(mail.get("Content-Language", ""))) or None,
    )


def _message_id(mail: EmailMessage, row: Mapping[str, Any]) -> str:
    """As text that is no address: a Message-ID may look like one without its brackets."""
    stated = bounds.clean(str(mail.get("Message-ID", "")))
    return stated or f"<{row.get('received')} {mail.get('Date', '')} {mail.get('Subject', '')}>"


def _sender(mail: EmailMessage) -> str:
    name, address = parseaddr(str(mail.get("From", "")))
    return name or address


def _moment(mail: EmailMessage, row: Mapping[str, Any]) -> datetime | None:
    stated = mail.get("Date")
    return (read_date(str(stated)) if stated else None) or read_date(row.get("received"))


def _text(mail: EmailMessage) -> str:
    """The HTML of a mail, else its plain text as paragraphs."""
    part = mail.get_body(preferencelist=("html", "plain"))
    return _decoded(part) if isinstance(part, EmailMessage) else ""


def _decoded(part: EmailMessage) -> str:
    try:
        return str(part.get_content())
    except LookupError:  # an encoding that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _link_items(mail: EmailMessage, row: Mapping[str, Any], source: Source) -> Iterator[Item]:
    """An item for each address with a headline; the longest text of several links to it."""
    part = mail.get_body(preferencelist=("html",))
    if not isinstance(part, EmailMessage):
        return
    titles: dict[str, str] = {}
    wanted = re2.compile(source.link_pattern) if source.link_pattern else None
    for anchor in tree_of(_decoded(part)).iter("a"):
        url = bounds.link("", anchor.get("href"))
        text = bounds.clean(" ".join(anchor.text_content().split()))
        if url and (wanted.search(url) if wanted else len(text) >= HEADLINE and not _ASIDE.search(text)):
            titles[url] = max(titles.get(url, ""), text, key=len)
    moment, sender = _moment(mail, row), bounds.authors([_sender(mail)])
    message = _message_id(mail, row)
    for url, text in list(titles.items())[:LINKS]:
        if text:
            yield Item(id=f"{message} {url}", url=url, title=text, published=moment, authors=sender)
