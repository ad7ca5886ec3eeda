"""A text as a service must be given it, and what its answer means: decisions alone, nothing is sent."""

from __future__ import annotations

import json

import pytest

from monitor.deliver.chat_answers import READ, Seen, seen
from monitor.deliver.chat_dialect import card, dialect_of, escaped, pieces

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("*b* _i_ `c` ~s~ ||p||", r"\*b\* \_i\_ \`c\` \~s\~ \|\|p\|\|"),
        (r"C:\new", r"C:\\new"),
        ("# one\n- two\n> three\n+ four\n2. five", "\\# one\n\\- two\n\\> three\n\\+ four\n2\u2060. five"),
        # within a line these mean nothing
        ("no 5 - 3 # 1", "no 5 - 3 # 1"),
        # an address stays one, up to where it ends
        ("see https://x.example.org/a_b_c?d=*e, then", "see https://x.example.org/a_b_c?d=*e, then"),
        ("(https://x.example.org/a_b)", "(https://x.example.org/a_b)"),
        ("«https://x.example.org/a_b»", "«https://x.example.org/a_b»"),
        ("[a](b)", r"\[a\](b)"),
        ("حموشي *في* الدوحة", r"حموشي \*في\* الدوحة"),
    ],
)
def test_what_markdown_would_read_is_shown_as_it_was_written(text: str, sent: str) -> None:
    assert escaped(text) == sent


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        # a single line break is none in a card
        ("one\ntwo", "one\n\ntwo"),
        ("one\n\n\ntwo", "one\n\ntwo"),
        (
            "at https://x.example.org/a_b(c)d.",
            "at [https://x.example.org/a\\_b(c)d](https://x.example.org/a_b%28c%29d).",
        ),
    ],
)
def test_a_card_has_paragraphs_and_links(text: str, sent: str) -> None:
    assert card(text) == sent


def test_plain_services_are_given_the_text_itself() -> None:
    spoken = dialect_of(frozenset(("slack",)))
    assert spoken.body("*b* <i> https://x.example.org") == "*b* <i> https://x.example.org"


def test_a_backslash_is_never_parted_from_what_it_escapes() -> None:
    made = pieces(escaped("*" * 500), 101, 20)
    assert "".join(made) == r"\*" * 500
    assert all(piece.startswith("\\") and piece.endswith("*") for piece in made)
    assert all(len(piece) <= 101 for piece in made)


def test_where_bytes_count_pieces_are_as_small_as_they_need_to_be() -> None:
    made = pieces("الدوحة " * 2_000, 7_800, 4, 4_800)
    assert all(len(piece.encode()) <= 3_600 and len(json.dumps(piece)) <= 5_760 for piece in made)
    assert len(made) == 4


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"ok", Seen(200)),
        (200, b'{"ok": true}', Seen(200)),
        (200, b'{"ok": false}', Seen(200, refusal="no reason given")),
        (200, b'{"ok": false, "error": "is_archived"}', Seen(200, refusal="is_archived")),
        (200, b'{"errcode": "M_FORBIDDEN"}', Seen(200, refusal="M_FORBIDDEN")),
        # a field that is there and empty is no complaint
        (200, b'{"ok": true, "error": null}', Seen(200)),
        # what is not understood is not trusted with the status
        (200, b'{"ok": false, "error_code": "403"}', Seen(200, refusal="no reason given")),
        (200, b'{"ok": false, "error_code": 99999}', Seen(200, refusal="no reason given")),
        (500, b'{"ok": false}', Seen(500)),
        (429, b'{"retry_after": true}', Seen(429)),
        (429, b'{"retry_after": -5}', Seen(429)),
        (429, b'{"retry_after_ms": 1e300}', Seen(429)),
        (200, b"[" * READ, Seen(200)),
        (200, b"\xff\xfe", Seen(200)),
        (200, b'{"ok": ' + b" " * READ + b"false}", Seen(200)),
    ],
)
def test_an_answer_is_read_with_care(status: int, body: bytes, expected: Seen) -> None:
    assert seen(status, {}, body, NONE) == expected


def test_what_the_operators_own_program_says_is_its_own_affair() -> None:
    assert seen(200, {}, b'{"ok": false}', frozenset(("json",))) == Seen(200)
