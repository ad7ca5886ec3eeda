"""The signed links in alerts: what a token says and whether it is ours. Pure; called by the pipeline to make them and
by the web to read them. It keeps nothing and changes nothing: what a link does is the web's and the store's.

    token = base64url(version, kind, delivery, expiry[, place], MAC)     51 or 54 characters

A token allows one kind of answer to one delivery, which names recipient and story, until it expires; of a letter of many
stories `place` says which one. The MAC is HMAC-SHA256 (RFC 2104) cut to 128 bits, over everything before it and a prefix of
our own, so that a key that is used elsewhere too signs no link there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.errors import LinkExpired, LinkRefused
from monitor.model import Alert, Answers, Delivery, Digest, Links, ReplyKind, SpikeAlert

PATH = "/links"
DAYS = {
    ReplyKind.ACKNOWLEDGE: 30,
    ReplyKind.NOT_RELEVANT: 30,
    ReplyKind.SILENCE_STORY: 30,
    # a mail that is found again after a holiday must still let its reader go
    ReplyKind.UNSUBSCRIBE: 90,
    ReplyKind.UNSUBSCRIBE_ALL: 90,
}
_WHOLE, _PLACED = 1, 2  # versions: of a delivery as a whole, of one of its stories
_FORMS = {_WHOLE: struct.Struct(">BB16sI"), _PLACED: struct.Struct(">BB16sIH")}
_MAC = 16  # bytes
_LENGTHS = {51: 1, 54: 2}  # characters of a token, and the padding that base64 wants behind them
_MOST = 2_000  # stories of a letter that have links; it shows fewer
_PREFIX = b"media-monitor link\0"
_KINDS = tuple(ReplyKind)  # a kind's number is its place: new ones go to the end


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows whoever holds it."""

    kind: ReplyKind
    delivery: str
    expires: datetime
    place: int = 0  # of the story in a letter, from 1; 0: the delivery as a whole


def sign(grant: Grant, key: str) -> str:
    """The token. The same grant gives the same token, so a mail that is sent again has the same bytes."""
    number = _KINDS.index(grant.kind)
    seconds = int(grant.expires.timestamp())
    version = _PLACED if grant.place else _WHOLE
    values = (
        version,
        number,
        uuid.UUID(grant.delivery).bytes,
        seconds,
        *([grant.place] if grant.place else ()),
    )
    body = _FORMS[version].pack(*values)
    return base64.urlsafe_b64encode(body + _mac(body, key)).rstrip(b"=").decode()


def read(token: str, kind: str, key: str, now: datetime) -> Grant:
    """What the token grants. Raises LinkRefused where it was not made with this key or is of another `kind`,
    LinkExpired where its time is over."""
    body, mac = _taken_apart(token)
    if not hmac.compare_digest(mac, _mac(body, key)):
        raise LinkRefused("the link is damaged, or was not made here")
    form = _FORMS.get(body[0])
    if form is None or form.size != len(body):
        raise LinkRefused("the link is for something else")
    _, number, delivery, seconds, *place = form.unpack(body)
    if number >= len(_KINDS) or _KINDS[number].value != kind:
        raise LinkRefused("the link is for something else")
    expires = datetime.fromtimestamp(seconds, UTC)
    if now >= expires:
        raise LinkExpired(f"the link was good until {expires:%Y-%m-%d}")
    return Grant(_KINDS[number], str(uuid.UUID(bytes=delivery)), expires, *place)


def links_of(delivery: Delivery, key: str, public_url: str) -> Links | None:
    """The links of what a delivery tells; of a notice there is nothing to answer."""
    places = _places(delivery)
    if places is None:
        return None
    base = public_url.rstrip("/") + PATH

    def link(kind: ReplyKind, place: int = 0) -> str:
        grant = Grant(kind, delivery.id, delivery.created_at + timedelta(days=DAYS[kind]), place)
        return f"{base}/{kind}/{sign(grant, key)}"

    answers = tuple(
        Answers(
            link(ReplyKind.ACKNOWLEDGE, place),
            link(ReplyKind.NOT_RELEVANT, place),
            link(ReplyKind.SILENCE_STORY, place),
        )
        for place in places
    )
    named = not isinstance(delivery.alert, Digest) or delivery.alert.watchlists
    leave = link(ReplyKind.UNSUBSCRIBE) if named else ""
    return Links(leave, link(ReplyKind.UNSUBSCRIBE_ALL), answers)


def _places(delivery: Delivery) -> Sequence[int] | None:
    """Of the stories that can be answered; None where nothing can."""
    match delivery.alert:
        case Alert():
            return None if delivery.story is None else (0,)
        case Digest(stories=stories):
            return range(1, min(len(stories), _MOST) + 1)
        case SpikeAlert():
            return ()
        case _:
            return None


def about(delivery: Delivery, place: int) -> Delivery | None:
    """The delivery as far as a grant names it: of a letter with a place that story alone, as if it had been told by itself.
    None where there is no such thing, as in a letter that this version cannot read whole."""
    told = delivery.alert
    if not place:
        whole = isinstance(told, (Digest, SpikeAlert)) or (
            isinstance(told, Alert) and delivery.story is not None
        )
        return delivery if whole else None
    if not isinstance(told, Digest) or place > min(len(told.stories), len(told.alerts)):
        return None
    return replace(delivery, alert=told.alerts[place - 1], story=told.stories[place - 1])


def reachable(public_url: str) -> bool:
    """Whether a link to this address means anything on another machine: no loopback, no address of its own network's
    every machine (0.0.0.0)."""
    host = (urlsplit(public_url).hostname or "").lower().rstrip(".")
    if not host or host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        address = ip_address(host)
    except ValueError:
        return True
    return not (address.is_loopback or address.is_unspecified)


def _taken_apart(token: str) -> tuple[bytes, bytes]:
    try:
        padded = token + "=" * _LENGTHS.get(len(token), 0)
        raw = base64.b64decode(padded, altchars=b"-_", validate=True) if len(token) in _LENGTHS else b""
    except (binascii.Error, ValueError):
        raw = b""
    # a second spelling of the same bytes (bits that base64 leaves unused) is refused like any other change
    if not raw or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise LinkRefused("the link is incomplete: the mail program may have broken it in two")
    return raw[:-_MAC], raw[-_MAC:]


def _mac(body: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), _PREFIX + body, hashlib.sha256)[:_MAC]
