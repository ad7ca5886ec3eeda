"""Real pages: the article is there, its sidebar is not. Facts and counts only; the text stays its publishers'."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from html import escape
from pathlib import Path

import pytest

from monitor.model import TextFrom
from monitor.refine import Extract, extract, refine
from tests.build import make_item, make_source

pytestmark = pytest.mark.corpus


@cache
def read(page: Path) -> Extract:
    return extract(page.read_bytes())


@pytest.fixture
def pages(corpus_data: Path) -> Path:
    return corpus_data / "pages"


def some(pages: Path) -> list[Path]:
    """Every third page, in all four languages."""
    return sorted(pages.glob("*.html"))[::3]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_the_first_cases_article_is_read_without_its_sidebar(pages: Path) -> None:
    found = read(pages / "first-case.html")
    assert found.title.startswith("Abdellatif Hammouchi")
    assert found.language == "fr"
    assert len(found.body.split("\n")) == 5
    assert found.body.split("\n")[-1] == "LR/MAP"
    for inside in ("Abdellatif Hammouchi", "Al-Khulaifi", "Doha"):
        assert inside in found.body
    for beside in (
        "Qatar Africa Business Forum",
        "Guelmim",
        "Forum",
        "Voir aussi",
        "commentaire",
        "droits réservés",
    ):
        assert beside not in found.body


def test_the_first_case_is_refined_from_its_page(pages: Path) -> None:
    page = (pages / "first-case.html").read_bytes()
    item = make_item(title=(pages.parent / "first-case.txt").read_text(encoding="utf-8").splitlines()[0])
    article = refine(item, make_source(), page, item.url, "", datetime(2026, 4, 21, tzinfo=UTC), False)
    assert article.text_from is TextFrom.PAGE
    assert "Forum" not in article.body


def test_real_pages_yield_a_title_a_language_and_a_text(pages: Path) -> None:
    for page in some(pages):
        found = read(page)
        assert found.title, page.name
        assert found.language == (page.name[:2] if page.name != "first-case.html" else "fr"), page.name
        assert len(words(found.body)) >= 40, page.name


def test_nearly_all_real_pages_state_when_they_were_published(pages: Path) -> None:
    undated = [page.name for page in some(pages) if read(page).published is None]
    assert len(undated) <= 2, undated


@pytest.mark.parametrize(
    ("page", "count", "inside", "beside"),
    [
        # words that the extraction kept, its paragraphs read from start to end once: guards against change
        ("ar_fundus_LBCGroup_2026_01_08.html", 255, ("ترامب", "إيفانكا"), ("حقوق",)),
        (
            "en_fundus_TheIndependent_2024_11_22.html",
            199,
            ("Holly Bowles",),
            ("commenting forum", "Comments"),
        ),
        ("fr_fundus_LeFigaro_2024_11_22.html", 1378, ("Tokaïev", "Soumy"), ("À lire aussi", "publicité")),
        ("fr_orange_33952*.html", 607, ("Khiame", "BCIJ"), ("À lire aussi", "Partager")),
        ("fr_orange_10627*.html", 551, ("Qatar",), ("Partager", "newsletter")),
        ("es_trafilatura_cooperativa*.html", 418, ("Boric", "Magallanes"), ("Suscr",)),
        ("fr_trafilatura_regards*.html", 2565, ("Nyssen",), ("LIRE AUSSI", ">> Affaire Benalla")),
    ],
)
def test_known_pages_keep_their_article(
    pages: Path, page: str, count: int, inside: tuple[str, ...], beside: tuple[str, ...]
) -> None:
    found = read(next(iter(pages.glob(page))))
    assert [name for name in inside if name not in found.body] == []
    assert [name for name in beside if name in found.body] == []
    assert count * 0.97 <= len(words(found.body)) <= count * 1.03


def test_real_texts_are_found_whole_between_menus_and_sidebars(corpus_data: Path) -> None:
    """Texts of the labelled press, as pages whose sidebar has the other ones' headlines."""
    rows = [
        json.loads(line) for line in (corpus_data / "labelled.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    rows = [row for row in rows if row.get("title") and len(words(row.get("body") or "")) > 60][::6]
    assert len(rows) > 30
    for row, others in zip(rows, neighbours(rows), strict=True):
        found = extract(as_page(row, others))
        missing = [word for word in words(row["body"]) if word not in found.body]
        if "اقرأ أيض" not in row["body"] and "Read Also" not in row["body"]:  # those hold other headlines
            assert len(missing) <= 0.02 * len(words(row["body"])), row["id"]
        assert [o["id"] for o in others if o["title"] in found.body and o["title"] not in row["body"]] == []


def neighbours(rows: list[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    for index in range(len(rows)):
        yield [rows[(index + step) % len(rows)] for step in (1, 2, 3)]


def as_page(row: dict[str, str], others: list[dict[str, str]]) -> bytes:
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in row["body"].split("\n") if line.strip())
    links = "".join(f"<li><a href='/x'>{escape(other['title'])}</a></li>" for other in others)
    return (
        f"<html><body><nav><a href='/'>Home</a></nav><div class=c><h1>{escape(row['title'])}</h1>{paragraphs}</div>"
        f"<div><h3>Voir aussi</h3><ul>{links}</ul></div><footer>Contact</footer></body></html>"
    ).encode()
