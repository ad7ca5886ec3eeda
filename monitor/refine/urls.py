"""One address for one article, however it was shared: `url_key`. A key only, never fetched, never shown as a link.

Called by keys and refine. What it takes off is data (the tables below); what it cannot be sure of it keeps, since two
articles under one key lose one of them, while one article under two keys is found again by its text.
"""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
import re
import unicodedata
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

KEY_LIMIT = 1000  # characters; what is longer ends in a hash of the whole
BLANK = re.compile(r"[\x00-\x20\x7f\xa0]+")

# Names of query parameters that say how a reader came, never what is read. Compared in lower case.
TRACKING = frozenset(
    """
    fbclid gclid gclsrc dclid gbraid wbraid yclid ysclid msclkid twclid ttclid igshid igsh li_fat_id epik rb_clickid
    mc_cid mc_eid mkt_tok vero_id vero_conv oly_enc_id oly_anon_id wickedid dm_i ml_subscriber ml_subscriber_hash
    _hsenc _hsmi __hssc __hstc __hsfp hsctatracking hsa_acc _openstat _ga _gl _gac _ke sfmc_id
    xtor xtref xtcr xts xtnp at_xt smid smtyp intcid icid ocid ncid cmpid cmp s_cid s_kwcid ito wt_mc wtmc wt_zmc
    ref_src ref_url referrer referer ssm maca traffic_source sr_share guccounter guce_referrer guce_referrer_sig
    spm share_from share_token f24_member_id ns_mchannel ns_source ns_campaign ns_linkname ns_fee ftag
    __twitter_impression amp_js_v amp_gsa usqp fb_action_ids fb_action_types fb_source fb_ref action_object_map
    action_type_map phpsessid jsessionid aspsessionid sessionid session_id cfid cftoken nocache
    """.split()
)
TRACKING_PREFIXES = (
    "utm_",
    "at_",
    "pk_",
    "piwik_",
    "mtm_",
    "matomo_",
    "hmb_",
    "wbc_",
    "trk",
    "sfmc_",
    "ml_sub",
)
# Names that some sites use for tracking and others for content: off only where the value is a word, not a number
WORDS_ONLY = frozenset({"ref", "rel", "src", "source", "from", "via", "feature", "share", "output", "rss"})
# (name, value) of the same page in another dress
DRESS = frozenset(
    {("outputtype", "amp"), ("amp", ""), ("amp", "1"), ("amp", "true"), ("m", "1"), ("print", "1")}
)

_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DOT = re.compile(
    "%2e", re.IGNORECASE
)  # a dot in a path is one however it is written, or `..` would be two things
_WORD = re.compile(r"[A-Za-z][A-Za-z_.-]*")
_HOST_PREFIX = re.compile(r"^(?:(?:www\d?|m|mobile|amp)\.)+(?=[^.]+\.)")
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|php\d?|aspx?|jsp)$", re.IGNORECASE)
_AMP_TAIL = re.compile(r"(?:/amp/?|\.amp)$|\.amp(?=\.html?$)", re.IGNORECASE)
_AMP_HEAD = re.compile(r"^/amp(?=/.)", re.IGNORECASE)
_GOOGLE_AMP = re.compile(r"^(?:https?:)?//(?:www\.)?google\.[a-z.]+/amp/(s/)?(?=[^/]+\.)", re.IGNORECASE)
_AMP_CACHE = re.compile(r"^(?:https?:)?//[\w.-]+\.(?:cdn\.ampproject\.org|bing-amp\.com)/(?:[a-z]{1,3}/)?(s/)?(?=[^/]+\.)", re.IGNORECASE)  # fmt: skip
_YOUTUBE_PATH = re.compile(r"^/(?:shorts|embed|live|v)/([\w-]{6,})$")


def url_key(url: str) -> str:
    """The canonical key of an http(s) address, without its scheme; "" for what is no such address."""
    address = _unwrapped(_SURROGATE.sub("\ufffd", BLANK.sub("", url)))
    try:
        parts = urlsplit(address)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:  # a broken IPv6 literal or port
        return ""
    if parts.scheme.lower() not in {"http", "https", ""} or not host:
        return ""
    place = host if port in {None, 80, 443} else f"{host}:{port}"
    route = parts.fragment if parts.fragment.startswith("!") else ""
    key = _youtube(host, parts.path, parts.query) or place + _path(parts.path) + _query(parts.query)
    return _limited(f"{key}#{_encoded(unquote_to_bytes(route), '!/')}" if route else key)


def _unwrapped(address: str) -> str:
    """The address within an AMP cache's; one without a scheme gets its slashes."""
    for cache in (_GOOGLE_AMP, _AMP_CACHE):
        address = cache.sub("//", address)
    if "://" not in address.partition("?")[0] and not address.startswith("//"):
        head = re.split(r"[/?#]", address, maxsplit=1)[0]
        address = f"//{address}" if "." in head and ":" not in head else address
    return address


def _host(name: str) -> str:
    """In ASCII, without a final dot and without the prefixes that only name a dress of the same site."""
    name = name.rstrip(".")
    if ":" in name:
        return f"[{name}]"
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError:  # a label too long or empty: keep what was written
        name = quote(name)
    return _HOST_PREFIX.sub("", name.lower())


def _path(path: str) -> str:
    path = re.sub(r"/{2,}", "/", _SESSION.sub("", path))
    path = _DOT.sub(".", path)
    path = posixpath.normpath(path) if "/." in path else path
    while (bare := _undressed(path)) != path:  # one dress may hide another: /amp/index.html
        path = bare
    segments = path.split("/")
    return "/".join(_encoded(unquote_to_bytes(segment), ":@!$,;=~*'()+") for segment in segments)


def _undressed(path: str) -> str:
    return _INDEX.sub("/", _AMP_HEAD.sub("", _AMP_TAIL.sub("", path))).rstrip("/")


def _query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    kept = sorted(
        (name, value) if name else (value, "")
        for name, value in pairs
        if (name or value) and not _is_tracking(name.lower(), value)
    )
    return "?" + "&".join(_pair(name, value) for name, value in kept) if kept else ""


def _pair(name: str, value: str) -> str:
    parts = [_encoded(part.encode("utf-8", "surrogateescape")) for part in (name, value) if part]
    return "=".join(parts)


def _is_tracking(name: str, value: str) -> bool:
    return (
        name in TRACKING
        or name.startswith(TRACKING_PREFIXES)
        or (name, value.lower()) in DRESS
        or (name in WORDS_ONLY and (not value or _WORD.fullmatch(value) is not None))
    )


def _encoded(raw: bytes, safe: str = "") -> str:
    """Percent-encoded in one way, however it was before; composed (NFC) where it is UTF-8, else byte for byte."""
    with contextlib.suppress(UnicodeDecodeError):
        raw = unicodedata.normalize("NFC", raw.decode("utf-8")).encode("utf-8")
    return quote(raw, safe=safe)


def _youtube(host: str, path: str, query: str) -> str | None:
    """A video's one address among its five."""
    video = None
    if host == "youtu.be":
        video = path.strip("/")
    elif host in {"youtube.com", "music.youtube.com", "youtube-nocookie.com"}:
        found = _YOUTUBE_PATH.match(path.rstrip("/"))
        video = found.group(1) if found else dict(parse_qsl(query)).get("v") if path == "/watch" else None
    return f"youtube.com/watch?v={quote(video)}" if video else None


def _limited(key: str) -> str:
    if len(key) <= KEY_LIMIT:
        return key
    return f"{key[: KEY_LIMIT - 33]}~{hashlib.sha256(key.encode()).hexdigest()[:32]}"
