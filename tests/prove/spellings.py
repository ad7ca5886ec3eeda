"""Hypothesis strategies for addresses, queries and configurations as people, publishers and enemies write them.

Called by `test_fuzz.py`. `disguised` spells an address of this machine or its network in every way that some resolver, browser or
library once took for one; `edited` is a sound configuration after a few slips of the hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, ip_network

from hypothesis import strategies as st

from monitor.judge.query import to_text
from tests.judge.drawn import queries

# --- addresses ------------------------------------------------------------------------------------------------------------

INSIDE = [
    ip_network(each)
    for each in "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 192.0.0.0/24 "
    "198.18.0.0/15 224.0.0.0/4 240.0.0.0/4".split()
]
_inside = st.sampled_from(INSIDE).flatmap(
    lambda net: st.integers(int(net.network_address), int(net.broadcast_address)).map(IPv4Address)
)
_BASES: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "hex": hex,
    "HEX": lambda number: hex(number).upper().replace("0X", "0x"),
    "octal": lambda number: f"0{number:o}",
    "zeros": lambda number: f"00000{number:o}",
}
_base = st.sampled_from(["decimal", *_BASES])
_FULLWIDTH = {ord("0") + n: 0xFF10 + n for n in range(10)}
_CIRCLED = {ord("0"): "⓪"} | {ord("0") + n: chr(0x245F + n) for n in range(1, 10)}
DISGUISES: dict[str, Callable[[str, IPv4Address], str]] = {
    "a final dot": lambda host, ip: host + ".",
    "full-width digits": lambda host, ip: host.translate(_FULLWIDTH),
    "digits in circles": lambda host, ip: host.translate(_CIRCLED),
    "ideographic dots": lambda host, ip: host.replace(".", "。"),
    "full-width dots": lambda host, ip: host.replace(".", "．"),
    "percent signs": lambda host, ip: "".join(f"%{ord(letter):02x}" for letter in host),
    "a soft hyphen": lambda host, ip: host[:1] + "\u00ad" + host[1:],
    "a joiner": lambda host, ip: host[:1] + "\u200d" + host[1:],
    "mapped": lambda host, ip: f"[::ffff:{ip}]",
    "mapped in hex": lambda host, ip: f"[0:0:0:0:0:ffff:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}]",
    "compatible": lambda host, ip: f"[::{ip}]",
    "translated": lambda host, ip: f"[64:ff9b::{ip}]",
    "6to4": lambda host, ip: f"[2002:{int(ip) >> 16:x}:{int(ip) & 0xFFFF:x}::]",
    "with an interface": lambda host, ip: f"[::ffff:{ip}%25eth0]",
    "behind a user": lambda host, ip: f"example.org@{host}",
    "behind a backslash": lambda host, ip: f"example.org\\@{host}",
    "around a tab": lambda host, ip: f"{host[:2]}\t{host[2:]}",
    "around a newline": lambda host, ip: f"{host[:2]}\n{host[2:]}",
    "as it is": lambda host, ip: host,
}


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A URL of an inside address."""
    ip = draw(_inside)
    number, parts = int(ip), draw(st.integers(1, 4))
    pieces = [number >> 24, number >> 16 & 255, number >> 8 & 255][: parts - 1]
    pieces.append(number & (1 << 8 * (5 - parts)) - 1)
    host = ".".join(_BASES[draw(_base)](piece) for piece in pieces)
    host = DISGUISES[draw(st.sampled_from([*DISGUISES, "as it is"]))](host, ip)
    scheme = draw(st.sampled_from(["http", "https", "HTTP"]))
    port = draw(st.sampled_from(["", ":80", ":443", ":080", ":"]))
    return f"{scheme}://{host}{port}{draw(st.sampled_from(['', '/', '/a?b#c', '?x']))}"


_SCHEMES = ["http://", "https://", "//", "HTTPS://", "http:", "http:/", "", "https:\\\\", "javascript:", "data:", "file://", "feed:"]  # fmt: skip
_HOSTS = """example.org www.Example.ORG m.example.org www.m.example.org exämple.org éxample.org. مثال.example.org 127.0.0.1 [::1] a..b -a.org
xn--bcher-kva.example a_b.org localhost ex%61mple.org example.org:80 example.org:8080 example.org:99999 example.org:-1 u:p@example.org
1.2.3 0x7f.1 e\u200dxample.org ⑴.org 💩.example youtu.be youtube.com amp.example.org""".split()
_SEGMENTS = ["a", "..", ".", "", "%2e%2e", "%2F", "%", "%zz", "é", "%C3%A9", "%c3%a9", "e\u0301", "a b", "a+b", "index.html", "amp", "x.amp.html",
             ";jsessionid=1", "@", "~u", "!", "'", "*", "(", ")", "\\", "\t", "\u202e", "2026", "%00", "\0", "#", "&", "=", "==", "://", "\ud800"]  # fmt: skip
_NAMES = ["a", "b", "utm_source", "fbclid", "ref", "id", "q", "é", "", "p[]", "amp", "v"]
_VALUES = ["", "1", "x", "é", "%C3%A9", "%", "+", " ", "a=b", "http://x/"]
_parameter = st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES)).map("=".join)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """What stands in a link; most are addresses."""
    path = "/".join(draw(st.lists(st.sampled_from(_SEGMENTS), max_size=5)))
    query = "&".join(draw(st.lists(_parameter, max_size=4)))
    route = draw(st.sampled_from(["", "#x", "#!a", "#!é", "#!%21"]))
    place = f"{draw(st.sampled_from(_SCHEMES))}{draw(st.sampled_from(_HOSTS))}"
    return f"{place}/{path}{'?' * bool(query)}{query}{route}"


# --- queries --------------------------------------------------------------------------------------------------------------

_SIGNS = ["AND", "OR", "NOT", "|", "&", "(", ")", '"', "'", ":", "title:", "entity:", "entity:chief", "@cities", "@", "NEAR/3(", "NEAR/", "ONEAR/2(",
          "SENTENCE(", "PARAGRAPH(", "ATLEAST/2(", "FIRST/5(", "SCORE>=3(", "^2", "*", "?", "/", "/a/", "\\", "case:", "exact:", "stem:", "lang:fr",
          "country:", "-", "+", ",", ";", "\n", "  ", "é", "قطر", "\u200f", "\u0301", "ـ", "0", "99999999999", "«", "»", "“", "”", "’", "*ab", "ab*",
          "a?b", "~", "#", "{", "}", "[", "]", "<", ">", "=", "!"]  # fmt: skip
_slip = st.tuples(
    st.sampled_from(["insert", "delete", "double", "replace"]),
    st.floats(0, 1),
    st.integers(0, 6),
    st.sampled_from(_SIGNS),
)


@st.composite
def query_texts(draw: st.DrawFn) -> str:
    """A sound query after up to four slips."""
    text = to_text(draw(queries))
    for what, place, length, sign in draw(st.lists(_slip, max_size=4)):
        at = int(place * len(text))
        new = {
            "insert": sign + text[at : at + length],
            "delete": "",
            "double": text[at : at + length] * 2,
            "replace": sign,
        }[what]
        text = text[:at] + new + text[at + length :]
    return text  # fmt: skip


# --- configurations -------------------------------------------------------------------------------------------------------

_TOKENS = ["- ", "  ", "\n", "\t", ": ", "[", "]", "{", "}", ",", "'", '"', "#", "&a ", "*a", "!!x ", "| ", "> ", "? ", "---\n", "%", "~", "null", "true",
           "no", "-5", "0", "1e999", ".inf", "2026", "0x1F", "12:30:00", "${A}", "${", "$${", "${file:../x}", "@a", "entity:x", "/x(/", "NEAR/3(a, b)",
           "NOT x", "(a", "*", "a*", "ﷺ", "\u200f", "\ufeff", "é", "الأمن", "any", "all", "none", "query", "near", "within: 5", "entity: referee",
           "id: desk-0", "notify: [desk-0]", "where: {}", "routes:", 'digest: {at: ["07:30"]}', "quiet_hours: none", "every: 10m", "kind: page",
           "items: a", "password: x", "url: imaps://u@h/x"]  # fmt: skip
_edit = st.tuples(
    st.sampled_from(["delete", "double", "swap", "deeper", "shallower", "token", "token", "word", "join", "cut", "move"]),
    st.floats(0, 1, exclude_max=True),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(_TOKENS),
)  # fmt: skip


def edited(files: Mapping[str, str]) -> st.SearchStrategy[tuple[str, str]]:
    """One of the files after a few slips: its name and text."""
    return st.tuples(st.sampled_from(sorted(files)), st.lists(_edit, min_size=1, max_size=4)).map(
        lambda drawn: (drawn[0], _slipped(files[drawn[0]], drawn[1]))
    )


def _slipped(text: str, edits: list[tuple[str, float, float, str]]) -> str:
    lines = text.splitlines(keepends=True)
    for what, place, other, token in edits:
        if lines:
            _slip_once(lines, what, int(place * len(lines)), other, token)
    return "".join(lines)


def _slip_once(lines: list[str], what: str, at: int, other: float, token: str) -> None:
    line, to, column = lines[at], int(other * len(lines)), int(other * len(lines[at]))
    match what:
        case "delete":
            del lines[at]
        case "double":
            lines.insert(at, line)
        case "swap":
            lines[at], lines[to] = lines[to], line
        case "move":
            lines.insert(to, lines.pop(at))
        case "deeper":
            lines[at] = f" {line}"
        case "shallower":
            lines[at] = line[1 + column % 3 :]
        case "token":
            lines[at] = line[:column] + token + line[column:]
        case "word":
            words = re.split(r"(\W+)", line)
            words[int(other * len(words))] = token
            lines[at] = "".join(words)
        case "join":
            lines[at] = line.rstrip("\n")
        case "cut":
            lines[at:] = [line[:column]]
