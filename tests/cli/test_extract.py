"""`monitor extract` as a filter."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from monitor.cli import invoke

PAGE = (Path(__file__).parent.parent / "refine" / "pages" / "visit-to-doha.html").read_bytes()


class Stdin:
    def __init__(self, body: bytes) -> None:
        self.buffer = io.BytesIO(body)


def test_a_file_is_printed_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    assert invoke(["extract", str(file), "--url", "https://courrier.example.org/a"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert list(printed) == ["title", "body", "published", "language", "authors", "canonical"]
    assert printed["title"] == "Sécurité : la délégation marocaine reçue à Doha"
    assert printed["published"] == "2026-04-21T17:30:00Z"
    assert printed["canonical"] == "https://courrier.example.org/2026/04/21/delegation-doha/"
    assert "Forum" not in printed["body"]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", Stdin(PAGE))
    assert invoke(["extract", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["language"] == "fr"


def test_an_address_is_fetched(httpserver: HTTPServer, capsys: pytest.CaptureFixture[str]) -> None:
    body = PAGE.decode().encode("cp1252", "xmlcharrefreplace").replace(b'<meta charset="utf-8">', b"")
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    httpserver.expect_request("/a").respond_with_data(body, content_type="text/html; charset=windows-1252")
    assert invoke(["extract", "--allow-private", httpserver.url_for("/a")]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["title"].startswith("Sécurité")
    assert printed["canonical"] == httpserver.url_for("/2026/04/21/delegation-doha/")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no-such-file.html"], "monitor: no-such-file.html: No such file or directory"),
        # this machine is not the web, unless one says so
        (["http://127.0.0.1:9/a"], "monitor: http://127.0.0.1:9/a: "),
    ],
)
def test_what_cannot_be_read_is_told_on_stderr(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke(["extract", *arguments]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(told)


def test_what_is_no_page_is_told_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(b"\x89PNG....")
    assert invoke(["extract", str(file)]) == 1
    assert capsys.readouterr().err == f"monitor: {file}: not an HTML page but an image\n"


def test_a_selector_names_the_text_and_one_that_finds_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "page.html"
    file.write_text("<h1>T</h1><div class=a>Un premier texte.</div><div class=b>Un second texte.</div>")
    assert invoke(["extract", str(file), "--article", ".b"]) == 0
    assert json.loads(capsys.readouterr().out)["body"] == "Un second texte."
    assert invoke(["extract", str(file), "--article", ".c"]) == 0
    assert "note: nothing in it matches article: .c" in capsys.readouterr().err
