"""Feeds, pages, configurations, queries and addresses that are nearly right, drawn by hypothesis: what must hold of each of them.

Not only that nothing falls over: what a sound document says is what is read of it, of a cut one every complete item; a
configuration that is accepted compiles, one that is refused says where in sentences; a query that is read prints as itself and
matches what the slow reference evaluator matches; no spelling of an inside address passes the guard, nor one that the HTTP client
would read otherwise than the guard did. What was found this way stands in the suite as a test of its own.
"""

from __future__ import annotations

import html
import ipaddress
import re
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yarl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor import refine
from monitor.app import rules_of
from monitor.collect import parse
from monitor.collect.bounds import link
from monitor.collect.guard import judge_host, judge_url
from monitor.errors import ConfigurationError, ParseError, QueryError
from monitor.judge.query import parse as parse_query
from monitor.judge.query import parse_item, to_text
from monitor.judge.query.tree import Expr, holds_on_nothing
from monitor.model import Article, Feed, Source, SourceKind, Where
from monitor.refine import url_key
from monitor.settings import load
from tests.build import NOON, make_source
from tests.judge.drawn import articles, sources, wheres
from tests.judge.oracle import compare
from tests.prove.breakages import HIDDEN, sound
from tests.prove.mutants import BASE, DIALECTS, XML, Change, Page, Told, changes, mutant, pages, told
from tests.prove.spellings import INSIDE, addresses, disguised, edited, query_texts

pytestmark = pytest.mark.prove

MORE = 12  # times as many under --full
QUICK = 3.0  # seconds of processor time for one document
KINDS = {"wordpress": SourceKind.WORDPRESS, "sitemap": SourceKind.NEWS_SITEMAP}
CHARSETS = ["utf-8", "windows-1252", "windows-1256", "utf-16", None]
ENVIRON = {"STORM_DATABASE": "sqlite:///x", "A": "a"}
# Words of a program's inside, which no operator should have to read
JARGON = re.compile(
    r"Input should|Value error|pydantic|Traceback|ruamel|NoneType|<class|\bdict\b|\bKeyError|object at 0x|Scalar\(|not YAML|Event\("
)

Draw = Callable[..., None]


@pytest.fixture
def drawn(full: bool) -> Callable[..., None]:
    """`drawn(test, number, *strategies)`: so many examples, other ones in each run; a failing one is shown as small as it gets."""

    def run(test: Draw, number: int, *strategies: st.SearchStrategy[Any]) -> None:
        many = number * (MORE if full else 1)
        limits = settings(
            max_examples=many, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        limits(given(*strategies)(test))()
        print(f"{many} examples", end=" ")

    return run


@contextmanager
def quickly() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < QUICK


def in_words(error: Exception) -> None:
    assert 0 < len(str(error)) < 600
    assert not JARGON.search(str(error)), str(error)


def within(column: int, text: str) -> None:
    assert 1 <= column <= len(text) + 1, text


def storable(*texts: str | None) -> bool:
    """What PostgreSQL takes: text in UTF-8 without NUL."""
    return all("\0" not in text and text.encode() is not None for text in texts if text)


# --- feeds ------------------------------------------------------------------------------------------------------------------


def test_what_a_sound_document_says_is_what_is_read(drawn: Draw) -> None:
    def reads(dialect: str, items: list[Told], cdata: bool, wide: bool) -> None:
        document = "".join(DIALECTS[dialect](items, cdata)).encode("utf-16" if wide else "utf-8")
        feed = parse(document, KINDS.get(dialect, SourceKind.FEED), f"{BASE}/feed")
        read = [
            (each.url, " ".join(html.unescape(each.title).split()), each.published) for each in feed.items
        ]
        assert read == [(each.url, each.title, each.published) for each in items]

    drawn(reads, 300, st.sampled_from(sorted(DIALECTS)), told(), st.booleans(), st.booleans())


def test_of_a_document_that_breaks_off_every_complete_item_is_read(drawn: Draw) -> None:
    def reads(dialect: str, items: list[Told], cdata: bool, place: float) -> None:
        parts = [part.encode() for part in XML[dialect](items, cdata)]
        document, end = b"".join(parts), len(parts[0])
        at = int(place * len(document))
        whole = []
        for item, part in zip(items, parts[1:], strict=False):
            end += len(part)
            whole += [item.url] if end - 1 <= at else []  # without its line end
        try:
            feed = parse(document[:at], KINDS.get(dialect, SourceKind.FEED), f"{BASE}/feed")
        except ParseError:
            assert not whole
            return
        assert [item.url for item in feed.items][: len(whole)] == whole

    drawn(reads, 400, st.sampled_from(sorted(XML)), told(), st.booleans(), st.floats(0, 1))


def test_a_mutant_is_read_or_refused_in_words_and_what_is_read_can_be_stored(drawn: Draw) -> None:
    tally: Counter[str] = Counter()

    def reads(dialect: str, items: list[Told], cdata: bool, done: list[Change]) -> None:
        document = mutant("".join(DIALECTS[dialect](items, cdata)).encode(), done)
        with quickly():
            try:
                feed = parse(document, KINDS.get(dialect, SourceKind.FEED), f"{BASE}/feed")
            except ParseError as error:
                in_words(error)
                tally["refused"] += 1
                return
        tally["read"] += 1
        assert feed == parse(document, KINDS.get(dialect, SourceKind.FEED), f"{BASE}/feed")
        well_formed(feed)

    drawn(reads, 600, st.sampled_from(sorted(DIALECTS)), told(), st.booleans(), changes)
    print(dict(tally))


def well_formed(feed: Feed) -> None:
    for item in feed.items:
        assert item.url is None or (link(BASE, item.url) == item.url and item.url.startswith("http"))
    for article in refine.refine_all(feed.items, make_source(), NOON, False):
        assert storable(
            article.title, article.body, article.url, article.summary, article.key, *article.authors
        )
        assert "\n" not in article.title
        assert article.key


# --- pages ------------------------------------------------------------------------------------------------------------------


def test_of_a_sound_page_title_and_paragraphs_are_read_and_nothing_beside_them(drawn: Draw) -> None:
    def reads(page: Page) -> None:
        found = refine.extract(page.html().encode(), f"{BASE}/1", None)
        assert " ".join(found.title.split()) == page.title
        assert [" ".join(line.split()) for line in found.body.split("\n")] == list(page.paragraphs)

    drawn(reads, 150, pages)


def test_comments_blanks_and_attributes_change_nothing_of_what_is_read(drawn: Draw) -> None:
    def reads(page: Page, between: str, attribute: str) -> None:
        plain = refine.extract(page.html().encode(), f"{BASE}/1", None)
        other = refine.extract(page.html(between, attribute).encode(), f"{BASE}/1", None)
        assert (plain.title, plain.body) == (other.title, other.body)

    noise = ["\n", "<!-- x -->", " \n\t ", "\n<!-- <p>no</p> -->\n"]
    attributes = ["", " id='x'", " data-a='1' lang=fr", " style='color:red'"]
    drawn(reads, 150, pages, st.sampled_from(noise), st.sampled_from(attributes))


def test_a_mutant_of_a_page_is_read_the_same_twice_or_refused(drawn: Draw) -> None:
    def reads(page: Page, done: list[Change], charset: str | None) -> None:
        document = mutant(page.html().encode(), done)
        with quickly():
            try:
                found = refine.extract(document, f"{BASE}/1", charset)
            except ParseError as error:
                in_words(error)
                return
        assert found == refine.extract(document, f"{BASE}/1", charset)
        assert storable(found.title, found.body, found.canonical, *found.authors)
        assert found.canonical is None or found.canonical.startswith("http")
        assert found.published is None or found.published.tzinfo

    drawn(reads, 300, pages, changes, st.sampled_from(CHARSETS))


# --- configurations -----------------------------------------------------------------------------------------------------------


def test_a_configuration_after_some_slips_compiles_or_is_refused_with_its_places(
    drawn: Draw, tmp_path: Path
) -> None:
    memory = Path("/dev/shm")
    files = sound("http://127.0.0.1:9", 25, 80, "127.0.0.1:0")
    tally: Counter[str] = Counter()

    def reads(edit: tuple[str, str]) -> None:
        with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as name:
            folder = Path(name)
            for file, text in {**files, edit[0]: edit[1]}.items():
                (folder / file).parent.mkdir(exist_ok=True)
                (folder / file).write_text(text, "utf-8")
            (folder / HIDDEN).write_text("s" * 32 + "\n")
            (folder / HIDDEN).chmod(0o600)
            tally[loaded(folder)] += 1

    drawn(reads, 700, edited(files))
    print(dict(tally))


def loaded(folder: Path) -> str:
    with quickly():
        try:
            found = load(folder, ENVIRON)
        except ConfigurationError as error:
            for problem in error.problems:
                assert problem.file.startswith(str(folder))
                lines = len(Path(problem.file).read_text("utf-8").split("\n"))
                assert 0 <= problem.line <= lines
                assert 0 < len(problem.message) < 400
                assert not JARGON.search(problem.message), problem.message
                assert "\n" not in problem.message
            return "refused"
    rules_of(found)
    assert load(folder, ENVIRON) == found
    return "accepted"


# --- queries --------------------------------------------------------------------------------------------------------------------


def test_a_query_after_some_slips_prints_as_itself_and_matches_as_the_reference_or_is_refused(
    drawn: Draw,
) -> None:
    tally: Counter[str] = Counter()

    def reads(text: str, article: Article, source: Source | None, where: Where) -> None:
        for read in (parse_query, parse_item):
            with quickly():
                try:
                    expr = read(text)
                except QueryError as error:
                    in_words(error)
                    within(error.column, text)
                    tally["refused"] += 1
                    continue
            assert parse_query(to_text(expr)) == expr
            tally[judged(expr, article, source, where)] += 1

    drawn(reads, 700, query_texts(), articles, sources, wheres)
    print(dict(tally))


def judged(expr: Expr, article: Article, source: Source | None, where: Where) -> str:
    if holds_on_nothing(expr):
        return "only NOT"
    try:
        return "matched" if compare(expr, article, source, where) else "not matched"
    except QueryError as error:
        in_words(error)
        return "refused when compiled"


# --- addresses ------------------------------------------------------------------------------------------------------------------


def test_no_spelling_of_an_inside_address_passes_the_guard(drawn: Draw) -> None:
    tally: Counter[str] = Counter()

    def judges(url: str) -> None:
        refused = judge_url(url)
        tally["refused" if refused else "a name"] += 1
        if refused is None:
            assert not inside(url), url

    drawn(judges, 3_000, disguised())
    print(dict(tally))


def inside(url: str) -> list[str]:
    """The inside addresses that the HTTP client, or a resolver that knows no names, would connect to."""
    try:
        parsed = yarl.URL(url)
    except ValueError:
        return []
    hosts = {host for host in (parsed.host, parsed.raw_host) if host}
    assert not any(judge_host(host) for host in hosts), url  # the client reads what the guard has read
    return [ip for host in hosts for ip in _numeric(host) if _is_inside(ip)]


def _numeric(host: str) -> Sequence[str]:
    try:
        found = socket.getaddrinfo(host, 80, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
    return [str(each[4][0]).partition("%")[0] for each in found]


def _is_inside(text: str) -> bool:
    ip = ipaddress.ip_address(text)
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour
        return any(embedded in net for net in INSIDE) if embedded else not ip.is_global
    return any(ip in net for net in INSIDE)


def test_what_a_feed_links_to_is_an_address_that_guard_and_client_read_alike(drawn: Draw) -> None:
    def reads(reference: str, base: str) -> None:
        for found in (link(f"{BASE}/a/b", reference), link(base, reference)):
            if found is None:
                continue
            assert found.startswith(("http://", "https://"))
            assert link("https://other.example/", found) == found
            assert not re.search(r"[\s\x00-\x1f\x7f]", found)
            assert storable(found)
            if judge_url(found) is None:
                assert not inside(found)

    drawn(reads, 2_000, addresses(), addresses())


def test_the_key_of_an_address_is_its_own_key_however_it_was_shared(drawn: Draw) -> None:
    def keys(address: str) -> None:
        key = url_key(address)
        if not key:
            return
        assert key == url_key(f"https://{key}")
        assert key.isascii()
        assert not re.search(r"\s", key)
        assert url_key(f" {address}\n") == key
        if address.startswith("http") and "#" not in address:
            joint = "&" if "?" in address else "?"
            assert url_key(f"{address}{joint}utm_source=x&fbclid=y") == key

    drawn(keys, 3_000, addresses())
