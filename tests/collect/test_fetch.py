"""The fetcher against real sockets that do what the web does: each failure is a value, in time, in a sentence."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import ssl
import subprocess
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import brotli
import pytest

from monitor.collect import HttpFetcher, charset_of
from monitor.collect.connections import KEPT_OPEN, KEPT_SECONDS, OpenDoors
from monitor.collect.failures import read_retry_after
from monitor.collect.fetch import next_hop
from monitor.model import FailureKind, FetchFailure, FetchPolicy, Purpose, Request, Response
from tests.collect.rawserver import RawServer, answer

BODY = b"<rss>" + b"news " * 1000 + b"</rss>"
LIMIT = 100_000
Writer = asyncio.StreamWriter
Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def policy(**fields: object) -> FetchPolicy:
    base = {"allow_private": True, "deadline": timedelta(seconds=10), "max_bytes": LIMIT}
    return FetchPolicy(**{**base, **fields})  # type: ignore[arg-type]


def short(value: object) -> str:
    """A test's name that is the same in every process: packed bytes hold the time."""
    return f"{len(value)}-bytes" if isinstance(value, bytes) else str(value)[:30]


async def fetch(press: RawServer, path: str = "/feed", **fields: object) -> Response:
    async with HttpFetcher(policy(**fields)) as fetcher:
        return await fetcher.fetch(Request(press.url + path))


def failed(response: Response, kind: FailureKind, *words: str) -> bool:
    """Whether it failed in this way and no other, saying so, and carries nothing that could be stored."""
    assert response.failure is not None
    assert (response.failure.kind, response.body, response.moved_to) == (kind, b"", None)
    assert [word for word in words if word not in response.failure.message] == []
    return True


# --- what goes well --------------------------------------------------------------------------------------------------


async def test_a_document_comes_whole_with_its_headers_in_lower_case(press: RawServer) -> None:
    press.routes["/feed"] = answer(BODY, content_type="Application/RSS+XML; charset=UTF-8", etag='"1"')
    response = await fetch(press)
    assert (response.status, response.body, response.failure) == (200, BODY, None)
    assert (response.url, response.media_type, charset_of(response)) == (
        press.url + "/feed",
        "application/rss+xml",
        "UTF-8",
    )
    assert response.headers["etag"] == '"1"'
    assert response.seconds > 0


async def test_a_request_names_the_software_asks_for_feeds_and_sends_its_validators(press: RawServer) -> None:
    press.routes["/feed"] = answer(b"", "304 Not Modified")
    async with HttpFetcher(policy(user_agent="monitor-test (+https://example.org/bot)")) as fetcher:
        response = await fetcher.fetch(
            Request(press.url + "/feed", etag='"1"', last_modified="Tue, 21 Apr 2026 10:00:00 GMT")
        )
        await fetcher.fetch(Request(press.url + "/page", Purpose.PAGE))
    assert response.not_modified
    feed, _robots, page = (headers for _, headers in press.requests)
    assert feed["user-agent"] == "monitor-test (+https://example.org/bot)"
    assert feed["if-none-match"] == '"1"'
    assert feed["if-modified-since"] == "Tue, 21 Apr 2026 10:00:00 GMT"
    assert feed["accept-encoding"] == "gzip, deflate, br"
    assert feed["accept"].startswith("application/rss+xml")
    assert page["accept"].startswith("text/html")
    assert "if-none-match" not in page


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY)),
        ("identity, gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:])),  # strung together
        ("gzip", gzip.compress(BODY) + b"\0" * 20),  # padded
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),  # without its wrapping, as some servers send it
        ("br", brotli.compress(BODY)),
        ("identity", BODY),
        ("", BODY),
    ],
    ids=short,
)
async def test_one_encoding_is_unpacked(press: RawServer, encoding: str, packed: bytes) -> None:
    press.routes["/feed"] = answer(packed, content_encoding=encoding)
    assert (await fetch(press)).body == BODY


async def test_an_empty_body_with_an_encoding_is_an_empty_body(press: RawServer) -> None:
    press.routes["/feed"] = answer(b"", content_encoding="gzip")
    response = await fetch(press)
    assert (response.body, response.failure) == (b"", None)


async def test_a_chunked_answer_is_put_together(press: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    press.routes["/feed"] = head + b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    assert (await fetch(press)).body == b"abcde"


async def test_an_arabic_address_is_asked_for_in_percent_form_and_a_coded_one_is_left_alone(
    press: RawServer,
) -> None:
    async with HttpFetcher(policy()) as fetcher:
        await fetcher.fetch(Request(press.url + "/خبر"))
        await fetcher.fetch(Request(press.url + "/a%2Fb?x=%7E+y"))
    assert [path for path, _ in press.requests] == ["/%D8%AE%D8%A8%D8%B1", "/a%2Fb?x=%7E+y"]


async def test_cookies_are_not_kept(press: RawServer) -> None:
    press.routes["/feed"] = answer(BODY, set_cookie="a=b")
    async with HttpFetcher(policy()) as fetcher:
        await fetcher.fetch(Request(press.url + "/feed"))
        await fetcher.fetch(Request(press.url + "/feed"))
    assert all("cookie" not in headers for _, headers in press.requests)


async def test_proxy_variables_of_the_environment_are_ignored(
    press: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    press.routes["/feed"] = answer(BODY)
    assert (await fetch(press)).body == BODY


async def test_a_host_is_asked_by_two_connections_at_most(press: RawServer) -> None:
    entered = asyncio.Semaphore(0)
    leave = asyncio.Event()

    async def slow(_: asyncio.StreamReader, writer: Writer) -> None:
        entered.release()
        await leave.wait()
        writer.write(answer(BODY))

    press.routes["/feed"] = slow
    async with HttpFetcher(policy()) as fetcher:
        tasks = [asyncio.create_task(fetcher.fetch(Request(press.url + "/feed"))) for _ in range(8)]
        await entered.acquire()
        await entered.acquire()
        leave.set()
        responses = await asyncio.gather(*tasks)
    assert [response.body for response in responses] == [BODY] * 8
    assert press.most_open == 2


async def test_waiting_for_a_turn_at_the_host_does_not_count_against_the_deadline(press: RawServer) -> None:
    async def slow(_: asyncio.StreamReader, writer: Writer) -> None:
        await asyncio.sleep(0.2)
        writer.write(answer(BODY))

    press.routes["/feed"] = slow
    async with HttpFetcher(policy(per_host=1, deadline=timedelta(seconds=0.5))) as fetcher:
        responses = await asyncio.gather(*(fetcher.fetch(Request(press.url + "/feed")) for _ in range(4)))
    assert [response.failure for response in responses] == [None] * 4


# --- redirects -------------------------------------------------------------------------------------------------------


def redirect(location: str, status: str = "301 Moved Permanently") -> bytes:
    return answer(b"", status, location=location)


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        (("301 Moved", "308 Moved"), True),
        (("302 Found",), False),
        (("303 See Other",), False),
        (("307 Temporary",), False),
        (("301 Moved", "302 Found"), False),  # one temporary hop makes the whole way temporary
        (("302 Found", "301 Moved"), False),
    ],
)
async def test_redirects_are_followed_and_only_lasting_ones_move_the_source(
    press: RawServer, statuses: tuple[str, ...], moved: bool
) -> None:
    for number, status in enumerate(statuses):
        press.routes[f"/{number}"] = redirect(f"/{number + 1}#fragment", status)
    target = f"/{len(statuses)}"
    press.routes[target] = answer(BODY)
    response = await fetch(press, "/0")
    assert (response.body, response.url) == (BODY, press.url + target)
    assert response.moved_to == (press.url + target if moved else None)


async def test_the_validators_go_along_with_a_redirect(press: RawServer) -> None:
    press.routes |= {"/old": redirect("/new"), "/new": answer(b"", "304 Not Modified")}
    async with HttpFetcher(policy()) as fetcher:
        response = await fetcher.fetch(Request(press.url + "/old", etag='"1"'))
    assert (response.not_modified, response.moved_to) == (True, press.url + "/new")
    assert press.requests[1][1]["if-none-match"] == '"1"'


async def test_a_redirect_to_itself_or_in_a_circle_is_refused(press: RawServer) -> None:
    press.routes |= {"/self": redirect("/self"), "/a": redirect("/b"), "/b": redirect("/a")}
    assert failed(await fetch(press, "/self"), FailureKind.REDIRECT, "circle", "/self")
    assert failed(await fetch(press, "/a"), FailureKind.REDIRECT, "circle")


async def test_five_redirects_are_followed_and_a_sixth_is_not(press: RawServer) -> None:
    press.routes |= {f"/{number}": redirect(f"/{number + 1}") for number in range(6)} | {"/6": answer(BODY)}
    assert (await fetch(press, "/1")).body == BODY
    assert failed(await fetch(press, "/0"), FailureKind.REDIRECT, "more than 5")


@pytest.mark.parametrize(
    ("location", "kind", "word"),
    [
        ("file:///etc/passwd", FailureKind.REDIRECT, "file:///etc/passwd"),
        ("javascript:alert(1)", FailureKind.REDIRECT, "away from the web"),
        ("http://user:secret@127.0.0.1/", FailureKind.REFUSED, "user name"),
        ("http://2130706433/", FailureKind.REFUSED, "disguise"),  # each hop is judged, not only the first
        ("http://127.1:{port}/feed", FailureKind.REFUSED, "disguise"),
        ("http://[::1", FailureKind.REDIRECT, "no URL"),
    ],
)
async def test_a_redirect_to_where_nothing_should_be_opened_is_refused(
    press: RawServer, location: str, kind: FailureKind, word: str
) -> None:
    press.routes["/feed"] = redirect(location.format(port=press.port), "302 Found")
    assert failed(await fetch(press), kind, word)
    assert len(press.requests) == 1


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://example.org/b"),
        ("b?x=1#frag", "https://example.org/a/b?x=1"),
        ("//cdn.example.org/", "https://cdn.example.org/"),
        ("https://other.example.org/a b", "https://other.example.org/a%20b"),
        ("http://example.org/", None),  # down from https
        ("ftp://example.org/", None),
    ],
)
def test_the_next_hop_is_resolved_and_never_leaves_https(location: str, target: str | None) -> None:
    hop = next_hop("https://example.org/a/", location)
    assert (hop == target) if target else isinstance(hop, FetchFailure)


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "headers", "words", "retry_after"),
    [
        ("404 Not Found", {}, "404 Not Found", None),
        ("410 Gone", {}, "410 Gone", None),
        ("599 Odd", {}, "599", None),
        ("403 Forbidden", {"cf_mitigated": "challenge"}, "Cloudflare", None),
        ("429 Too Many Requests", {"retry_after": "120"}, "429", timedelta(seconds=120)),
        (
            "503 Service Unavailable",
            {"retry_after": "Tue, 21 Apr 2026 10:05:00 GMT", "date": "Tue, 21 Apr 2026 10:00:00 GMT"},
            "503",
            timedelta(minutes=5),
        ),
        ("503 Service Unavailable", {"retry_after": "soon"}, "503", None),
        ("304 Not Modified", {}, "though nothing was asked", None),  # without a prior
    ],
)
async def test_a_status_is_a_failure_that_keeps_its_number_and_retry_after(
    press: RawServer, status: str, headers: dict[str, str], words: str, retry_after: timedelta | None
) -> None:
    press.routes["/feed"] = answer(b"" if status.startswith("304") else b"fault", status, **headers)
    response = await fetch(press)
    assert failed(response, FailureKind.STATUS, words)
    assert response.status == int(status[:3])
    assert response.failure
    assert response.failure.retry_after == retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 60 ", 60),
        ("Tue, 21 Apr 2026 09:59:00 GMT", 0),
        ("-5", None),
        ("1" * 30, None),
        ("", None),
        ("x", None),
    ],
)
def test_retry_after_is_read_or_none(value: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert read_retry_after(value, "Tue, 21 Apr 2026 10:00:00 GMT") == expected


async def test_a_body_shorter_than_announced_is_cut_off_and_said_in_bytes(press: RawServer) -> None:
    press.routes["/feed"] = answer(b"only twelve.", content_length="5012", etag='"1"')
    assert failed(
        await fetch(press), FailureKind.TRUNCATED, "the server closed the connection after 12 of 5,012 bytes"
    )


@pytest.mark.parametrize("chunks", [b"5\r\nabc", b"zz\r\nabc\r\n", b"3\r\nabc\r\n"], ids=short)
async def test_a_bad_or_missing_chunk_is_cut_off(press: RawServer, chunks: bytes) -> None:
    press.routes["/feed"] = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks
    )
    assert failed(await fetch(press), FailureKind.TRUNCATED)


@pytest.mark.parametrize(
    ("encoding", "packed"), [("gzip", gzip.compress(BODY)), ("br", brotli.compress(BODY))], ids=short
)
async def test_a_compressed_body_that_breaks_off_is_cut_off_though_its_length_is_right(
    press: RawServer, encoding: str, packed: bytes
) -> None:
    press.routes["/feed"] = answer(packed[:-6], content_encoding=encoding)
    assert failed(await fetch(press), FailureKind.TRUNCATED, "breaks off")


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"\0" * 20_000_000)),
        ("gzip", gzip.compress(b"\0" * 60_000) * 50),  # many members, each within the limit
        ("deflate", zlib.compress(b"\0" * 20_000_000)),
        ("br", brotli.compress(b"\0" * 20_000_000)),
        ("identity", b"x" * (LIMIT + 1)),
    ],
    ids=short,
)
async def test_more_than_the_limit_is_too_large_packed_or_not(
    press: RawServer, encoding: str, packed: bytes
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nConnection: close\r\n\r\n"
    press.routes["/feed"] = head.encode() + packed
    assert failed(await fetch(press), FailureKind.TOO_LARGE, "100,000 bytes")


async def test_a_length_over_the_limit_is_refused_before_its_body(press: RawServer) -> None:
    press.routes["/feed"] = answer(b"", content_length="812000000")
    assert failed(await fetch(press), FailureKind.TOO_LARGE, "announces 812,000,000")


async def test_a_body_without_end_stops_at_the_limit(press: RawServer) -> None:
    async def endless(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    press.routes["/feed"] = endless
    assert failed(await fetch(press), FailureKind.TOO_LARGE, "more than 100,000 bytes")


@pytest.mark.parametrize(
    ("encoding", "body", "word"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(BODY)), "more than once (gzip, gzip)"),
        ("br, gzip", BODY, "more than once"),
        ("zstd", BODY, "nobody asked for (zstd)"),
        ("gzip", BODY, "compressed badly"),
        ("br", b"\xff" * 100, "compressed badly"),
        ("deflate", b"\x78\x9c" + b"\xff" * 50, "compressed badly"),
    ],
    ids=short,
)
async def test_an_encoding_that_is_stacked_unknown_or_wrong_is_told(
    press: RawServer, encoding: str, body: bytes, word: str
) -> None:
    press.routes["/feed"] = answer(body, content_encoding=encoding)
    assert failed(await fetch(press), FailureKind.ENCODING, word)


async def hang(reader: asyncio.StreamReader, _: Writer) -> None:
    await reader.read()


async def drip(reader: asyncio.StreamReader, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n12")
    await reader.read()


async def endless_interim(_: asyncio.StreamReader, writer: Writer) -> None:
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (hang, "no answer within 0.3 s"),
        (drip, "only 2 of 1,000 bytes within 0.3 s"),
        (endless_interim, "no answer within 0.3 s"),
    ],
)
async def test_the_deadline_holds_for_the_whole_whatever_trickles_in(
    press: RawServer, script: Script, words: str
) -> None:
    press.routes["/feed"] = script
    response = await fetch(press, deadline=timedelta(seconds=0.3))
    assert failed(response, FailureKind.TIMEOUT, words)
    assert response.seconds < 3


async def test_a_chain_of_slow_hops_shares_one_deadline(press: RawServer) -> None:
    async def slow(_: asyncio.StreamReader, writer: Writer) -> None:
        await asyncio.sleep(0.2)
        writer.write(redirect(f"/{len(press.requests)}"))

    press.routes |= {f"/{number}": slow for number in range(6)}
    assert failed(await fetch(press, "/0", deadline=timedelta(seconds=0.5)), FailureKind.TIMEOUT)


async def test_a_connection_that_is_reset_or_closed_without_a_word_is_told(press: RawServer) -> None:
    async def reset(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.transport.abort()

    async def close(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.close()

    press.routes |= {"/reset": reset, "/close": close}
    assert failed(await fetch(press, "/reset"), FailureKind.CONNECT)
    assert failed(await fetch(press, "/close"), FailureKind.CONNECT, "without an answer")


async def test_a_port_where_nobody_listens_is_told(press: RawServer) -> None:
    press._server.close()
    assert failed(await fetch(press), FailureKind.CONNECT, "cannot connect to 127.0.0.1", "refused")


async def test_a_name_that_does_not_exist_is_told(press: RawServer) -> None:
    async with HttpFetcher(policy()) as fetcher:
        response = await fetcher.fetch(Request("http://no-such-host.invalid/feed"))
    assert failed(response, FailureKind.NAME, "no-such-host.invalid does not resolve")


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",  # one header of 200 kB
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 2000) for n in range(100)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n",
    ],
    ids=short,
)
async def test_what_is_not_http_or_too_much_of_it_is_told(press: RawServer, raw: bytes) -> None:
    press.routes["/feed"] = raw
    assert failed(await fetch(press), FailureKind.PROTOCOL)


async def test_header_bytes_beyond_ascii_can_be_stored(press: RawServer) -> None:
    press.routes["/feed"] = answer(BODY).replace(b"\r\n\r\n", b'\r\nETag: "\xe9"\r\n\r\n', 1)
    response = await fetch(press)
    assert response.headers["etag"].encode("utf-8")


async def test_a_partial_answer_to_a_whole_question_is_cut_off(press: RawServer) -> None:
    press.routes["/feed"] = answer(BODY[:100], "206 Partial Content")
    assert failed(await fetch(press), FailureKind.TRUNCATED, "206")


# --- the guard at work -----------------------------------------------------------------------------------------------


async def test_a_name_that_leads_to_this_machine_is_refused_at_connect(press: RawServer) -> None:
    async with HttpFetcher(policy(allow_private=False, ports=(press.port,))) as fetcher:
        response = await fetcher.fetch(Request(f"http://localhost:{press.port}/feed"))
    assert failed(response, FailureKind.REFUSED, "refused", "loopback")
    assert press.requests == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/", "http://example.org:22/", "file:///etc/passwd", "::", ""]
)
async def test_a_url_that_the_guard_refuses_is_never_connected_to(press: RawServer, url: str) -> None:
    async with HttpFetcher(policy(allow_private=False, ports=(press.port,))) as fetcher:
        response = await fetcher.fetch(Request(url.format(port=press.port)))
    assert failed(response, FailureKind.REFUSED, "refused")
    assert press.requests == []


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """One for 127.0.0.1 that vouches for itself, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate of this test")
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost "
        f"-addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {cert}"
    )
    subprocess.run(command.split(), check=True, capture_output=True)
    return cert, key


async def fetch_over_tls(certificate: tuple[Path, Path], **fields: object) -> Response:
    async def serve(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(answer(BODY))
        await writer.drain()
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server, HttpFetcher(policy(**fields)) as fetcher:
        port = server.sockets[0].getsockname()[1]
        return await fetcher.fetch(Request(f"https://127.0.0.1:{port}/feed"))


async def test_a_certificate_that_nobody_vouches_for_is_an_error_and_never_a_fallback(
    certificate: tuple[Path, Path],
) -> None:
    assert failed(await fetch_over_tls(certificate), FailureKind.TLS, "bad certificate", "self-signed")


async def test_an_authority_of_the_configuration_is_trusted_beside_the_systems(
    certificate: tuple[Path, Path],
) -> None:
    response = await fetch_over_tls(certificate, ca_file=str(certificate[0]))
    assert (response.failure, response.body) == (None, BODY)


async def test_https_to_a_server_without_it_is_a_tls_failure() -> None:
    async def plain(_: asyncio.StreamReader, writer: Writer) -> None:
        writer.write(answer(BODY))
        writer.close()

    server = await asyncio.start_server(plain, "127.0.0.1", 0)
    async with server, HttpFetcher(policy()) as fetcher:
        port = server.sockets[0].getsockname()[1]
        response = await fetcher.fetch(Request(f"https://127.0.0.1:{port}/feed"))
    assert failed(response, FailureKind.TLS, "no secure connection")


# --- connections that stay open --------------------------------------------------------------------------------------


async def test_a_host_that_is_asked_again_soon_keeps_its_connection(press: RawServer) -> None:
    async with HttpFetcher(policy()) as fetcher:
        await fetcher.fetch(Request(press.url + "/a"))
    assert "close" not in str(press.requests[0]).lower()


def test_only_so_many_hosts_keep_a_connection_at_a_time() -> None:
    doors = OpenDoors()
    assert all(doors.may_stay(f"host-{number}", 0.0) for number in range(KEPT_OPEN))
    assert not doors.may_stay("one too many", 1.0)
    assert doors.may_stay("host-0", 10.0)
    assert doors.may_stay("one too many", KEPT_SECONDS)  # the others were not asked for a while
    assert doors.may_stay("host-0", KEPT_SECONDS + 1.0)
