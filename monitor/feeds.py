"""The addresses of the watchlists' feeds: an address is its permission, as a link in an alert is. Pure; called by the
command that lists them and by the web that serves them.

    <public_url>/feeds/<token>/<watchlist>.atom        token = base64url(HMAC-SHA256 cut to 128 bits), 22 characters

The same key and watchlist give the same address for ever, so a reader keeps it; another key ends all of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote

PATH = "/feeds"
ENDING = ".atom"
_MAC = 16  # bytes
_PREFIX = b"media-monitor feed\0"  # a token opens no link, and a link's no feed


def token(watchlist: str, key: str) -> str:
    mac = hmac.digest(key.encode(), _PREFIX + watchlist.encode(), hashlib.sha256)[:_MAC]
    return base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def opens(given: str, watchlist: str, key: str) -> bool:
    """Whether a token is that of the watchlist."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), token(watchlist, key).encode())


def address(watchlist: str, key: str, public_url: str, language: str = "en") -> str:
    """Where the feed is served. `language` is that of its own few words."""
    asked = "" if language == "en" else f"?language={language}"
    return f"{public_url.rstrip('/')}{PATH}/{token(watchlist, key)}/{quote(watchlist)}{ENDING}{asked}"
