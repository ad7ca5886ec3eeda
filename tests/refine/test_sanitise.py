"""Foreign text: harmless and readable, and otherwise as written."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.refine.sanitise import TITLE_LIMIT, clean, clean_line, cut, repair


def doubled(text: str, encoding: str = "cp1252") -> str:
    """As a source shows it that read UTF-8 as something else."""
    return text.encode().decode(encoding)


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        # markup goes, its paragraphs stay
        ("<p>Un.</p><p>Deux<br/>trois.</p>", "Un.\nDeux\ntrois."),
        ("<div>a<b>b</b>c</div><ul><li>d</li><li>e</li></ul>", "abc\nd\ne"),
        ("text <a href='x'>link</a> end", "text link end"),
        ("<p>a\n  b\t c</p>", "a b c"),
        ("one<!-- not --> two <!-- unclosed", "one two"),
        # what is not shown is not text
        ("<script>alert(1)</script>Titre<style>p{}</style>", "Titre"),
        ("a<iframe src=x>b</iframe>c", "ac"),
        # entities are unescaped once
        ("AT&amp;T", "AT&T"),
        ("&#163;5 and &eacute;", "£5 and é"),
        ("<p>&amp;lt;b&amp;gt;</p>", "&lt;b&gt;"),
        ("&amp;amp;", "&amp;"),
        # signs that are no markup
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<Reuters> says", "<Reuters> says"),
        # templates, formats and commands are text
        ("{{7*7}} ${x} %s %(a)s `ls`", "{{7*7}} ${x} %s %(a)s `ls`"),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("@everyone <!channel>", "@everyone <!channel>"),
        # direction overrides, zero width, soft hyphens, controls, ANSI, tags
        ("abc\u202egpj.exe\u202c", "abcgpj.exe"),
        ("Ham\u200bmou\u00adchi\ufeff", "Hammouchi"),
        ("a\x00b\x07c\x7fd\x9fe", "abcde"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07x \x9b1mb", "red x b"),
        ("x\U000e0041\U000e007fy", "xy"),
        ("قطر\u200f و\u061cالمغرب", "قطر والمغرب"),
        # joiners stay where they shape, go where they hide
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("DG\u200dSN", "DGSN"),
        # spaces and ends of lines of every kind
        ("a\u00a0\u2009b\r\nc\u2028d\x85e\n\n \n f ", "a b\nc\nd\ne\nf"),
        # lone surrogates
        ("x\ud800y", "x\ufffdy"),
    ],
)
def test_text_is_cleaned(raw: str, read: str) -> None:
    assert clean(raw) == read


@pytest.mark.parametrize(
    "text",
    [
        "Sûreté nationale : l’été à Fès",
        "عبد اللطيف الحموشي في الدوحة",
        "Año nuevo en Ceuta — «mañana»",
        "Le coût : 5 € – Œuvre",
    ],
)
def test_double_encoded_text_is_repaired(text: str) -> None:
    latin = text.encode().decode("latin-1")
    assert repair(latin) == text
    assert clean(latin) == text


def test_text_double_encoded_as_browsers_do_is_repaired() -> None:
    assert repair(doubled("l’été à Fès")) == "l’été à Fès"


def test_a_line_that_is_double_encoded_in_part_is_repaired_there() -> None:
    assert repair(doubled("été, théâtre") + " ’sûr’ قطر") == "été, théâtre ’sûr’ قطر"


@pytest.mark.parametrize(
    "text",
    [
        # capitals before quotation marks and signs look like it
        "«LIBERTÉ»",
        "IRMÃ»",
        "« LA BEAUTÉ » Â° fin ’x’",
        "ÅÄÖ ÆØÅ",
        "naïve façade",
        "20 Â",
        "Ø§ mixed with قطر",
    ],
)
def test_text_that_only_looks_double_encoded_stays(text: str) -> None:
    assert repair(text) == text


def test_a_title_is_one_line_and_bounded() -> None:
    assert clean_line("<b>Un</b>\n<p>deux</p>") == "Un deux"
    assert len(clean_line("mot " * 1_000_000)) <= TITLE_LIMIT


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [("short", 10, "short"), ("two words", 6, "two…"), ("x" * 300, 10, "xxxxxxxxx…")],
)
def test_a_cut_ends_at_a_word(text: str, limit: int, kept: str) -> None:
    assert cut(text, limit) == kept


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_no_text_keeps_anything_invisible_or_unencodable(text: str) -> None:
    read = clean(text)
    read.encode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", read)
    assert not re.search(r"  |\n\n|^\s|\s$", read)


@given(st.text(st.sampled_from("<>&;#/ab p\"'=!-x1"), max_size=60))
def test_any_markup_is_survived(markup: str) -> None:
    assert "<p>" not in clean(f"<p>{markup}</p>")
