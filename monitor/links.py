"""The signed links in alerts: what a token says and whether it is ours. Pure; called by the pipeline to make them and
by the web to read them. It keeps nothing and changes nothing: what a link does is the web's and the store's.

    token = base64url(version, kind, delivery, expiry, MAC)     51 characters

A token allows one kind of answer to one delivery, which names recipient and story, until it expires. The MAC is
HMAC-SHA256 (RFC 2104) cut to 128 bits, over everything before it and a prefix of our own, so that a key that is used
elsewhere too signs no link there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from monitor.errors import LinkExpired, LinkRefused
from monitor.model import Alert, Delivery, Links, ReplyKind

PATH = "/links"
DAYS = {
    ReplyKind.ACKNOWLEDGE: 30,
    ReplyKind.NOT_RELEVANT: 30,
    ReplyKind.SILENCE_STORY: 30,
    # a mail that is found again after a holiday must still let its reader go
    ReplyKind.UNSUBSCRIBE: 90,
    ReplyKind.UNSUBSCRIBE_ALL: 90,
}
_VERSION = 1
_FORM = struct.Struct(">BB16sI")
_MAC = 16  # bytes
_LENGTH = 51  # characters of a token
_PREFIX = b"media-monitor link\0"
_KINDS = tuple(ReplyKind)  # a kind's number is its place: new ones go to the end


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows whoever holds it."""

    kind: ReplyKind
    delivery: str
    expires: datetime


def sign(grant: Grant, key: str) -> str:
    """The token. The same grant gives the same token, so a mail that is sent again has the same bytes."""
    number = _KINDS.index(grant.kind)
    seconds = int(grant.expires.timestamp())
    body = _FORM.pack(_VERSION, number, uuid.UUID(grant.delivery).bytes, seconds)
    return base64.urlsafe_b64encode(body + _mac(body, key)).rstrip(b"=").decode()


def read(token: str, kind: str, key: str, now: datetime) -> Grant:
    """What the token grants. Raises LinkRefused where it was not made with this key or is of another `kind`,
    LinkExpired where its time is over."""
    body, mac = _taken_apart(token)
    if not hmac.compare_digest(mac, _mac(body, key)):
        raise LinkRefused("the link is damaged, or was not made here")
    version, number, delivery, seconds = _FORM.unpack(body)
    if version != _VERSION or number >= len(_KINDS) or _KINDS[number].value != kind:
        raise LinkRefused("the link is for something else")
    expires = datetime.fromtimestamp(seconds, UTC)
    if now >= expires:
        raise LinkExpired(f"the link was good until {expires:%Y-%m-%d}")
    return Grant(_KINDS[number], str(uuid.UUID(bytes=delivery)), expires)


def links_of(delivery: Delivery, key: str, public_url: str) -> Links | None:
    """The links of an alert; of anything else there is nothing to answer."""
    if not isinstance(delivery.alert, Alert) or delivery.story is None:
        return None
    base = public_url.rstrip("/") + PATH

    def link(kind: ReplyKind) -> str:
        grant = Grant(kind, delivery.id, delivery.created_at + timedelta(days=DAYS[kind]))
        return f"{base}/{kind}/{sign(grant, key)}"

    return Links(
        link(ReplyKind.ACKNOWLEDGE),
        link(ReplyKind.NOT_RELEVANT),
        link(ReplyKind.SILENCE_STORY),
        link(ReplyKind.UNSUBSCRIBE),
        link(ReplyKind.UNSUBSCRIBE_ALL),
    )


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
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True) if len(token) == _LENGTH else b""
    except (binascii.Error, ValueError):
        raw = b""
    # a second spelling of the same bytes (bits that base64 leaves unused) is refused like any other change
    if len(raw) != _FORM.size + _MAC or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise LinkRefused("the link is incomplete: the mail program may have broken it in two")
    return raw[: _FORM.size], raw[_FORM.size :]


def _mac(body: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), _PREFIX + body, hashlib.sha256)[:_MAC]
