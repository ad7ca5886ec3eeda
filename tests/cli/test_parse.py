"""`monitor parse`, run as its user runs it: a process, a file, a pipe or a loopback address."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.collect.rawserver import RawServer, answer

FEED = """<rss version="2.0"><channel><title>Gazette</title><item><title>Visite à Doha</title><link>/1</link>
<guid isPermaLink="false">g-1</guid><author>N. Haddad</author><description>&lt;p&gt;Un résumé&lt;/p&gt;</description>
<pubDate>Tue, 21 Apr 2026 10:00:00 +0100</pubDate></item><item><title>Undated</title></item></channel></rss>"""


async def monitor_parse(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "monitor", "parse", *arguments,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate(stdin)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


EXPECTED = {
    "kind": "rss",
    "title": "Gazette",
    "items": [
        {
            "id": "g-1",
            "url": "https://gazette.example.org/1",
            "title": "Visite à Doha",
            "summary": "<p>Un résumé</p>",
            "published": "2026-04-21T09:00:00Z",
            "authors": ["N. Haddad"],
        },
        {"id": None, "url": None, "title": "Undated", "summary": "", "published": None, "authors": []},
    ],
    "problems": [],
}


async def test_a_file_is_printed_as_one_json_document(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(FEED, "utf-8")
    code, out, err = await monitor_parse(str(path), "--url", "https://gazette.example.org/feed")
    assert (code, json.loads(out), err) == (0, EXPECTED, "")


async def test_standard_input_is_read_for_a_dash() -> None:
    code, out, _ = await monitor_parse("-", "--url", "https://gazette.example.org/feed", stdin=FEED.encode())
    assert (code, json.loads(out)) == (0, EXPECTED)


async def test_an_address_is_fetched_with_its_charset_and_links_are_resolved_against_it() -> None:
    body = FEED.encode("cp1252")
    async with RawServer(
        {"/feed": answer(body, content_type="application/xml; charset=windows-1252")}
    ) as press:
        code, out, err = await monitor_parse(f"{press.url}/feed", "--allow-private")
        feed = json.loads(out)
    assert (code, err) == (0, "")
    assert (feed["items"][0]["title"], feed["items"][0]["url"]) == ("Visite à Doha", f"{press.url}/1")


@pytest.mark.parametrize(
    ("stdin", "words"),
    [
        (b"", "-: empty: the document has no content"),
        (b"<!doctype html><p>Hello", "-: not a feed: an HTML page"),
    ],
)
async def test_what_is_no_feed_is_an_error_on_stderr_and_exit_1(stdin: bytes, words: str) -> None:
    code, out, err = await monitor_parse("-", stdin=stdin)
    assert (code, out) == (1, "")
    assert words in err
    assert "Traceback" not in err


async def test_a_file_that_is_not_there_is_named() -> None:
    code, _, err = await monitor_parse("/no/such/feed.xml")
    assert (code, err) == (1, "monitor: /no/such/feed.xml: No such file or directory\n")


async def test_this_machine_is_not_read_unless_it_is_allowed() -> None:
    async with RawServer({"/feed": answer(FEED.encode())}) as press:
        code, _, err = await monitor_parse(f"{press.url}/feed")
        assert (code, press.requests) == (1, [])
    assert "refused" in err
    assert "--allow-private" in err
