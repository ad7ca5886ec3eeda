"""Real feed documents as thousands of outlets over loopback HTTPS, in a process of its own. Used by `gathering`.

`python -m benchmarks.newsstand FOLDER OUTLETS LATENCY`: makes an authority in FOLDER/ca.pem and a certificate for each
port's addresses, listens on an address of 127.1.0.0/16 an outlet, prints a JSON line {"control": URL, "feeds": [URL]}.
POST {"skip": n, "validators": bool} to `control`: feeds show their items but the newest n; without validators each
request is answered in full. GET `control`: how many answers since the last POST were 200 and 304.

Each outlet has a document of ../shared/data/feeds with addresses and texts of its own (a number in every host and at
every text's end), so that nothing is known from another outlet.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
import resource
import socket
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web

from monitor.collect import parse
from monitor.errors import ParseError

CORPUS = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "feeds"
FOLDERS = ("press", "real")
FEWEST_ITEMS = 4
OUTLETS_A_PORT = 25  # their addresses are in one certificate
_ENTRY = re.compile(rb"<(item|entry)[\s>].*?</\1\s*>", re.DOTALL)
_TEXT_END = re.compile(rb"((?:\]\]>)?\s*</(?:title|description|summary|content|content:encoded)>)")


@dataclass(frozen=True)
class Document:
    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes

    def of(self, outlet: int, skip: int) -> bytes:
        """As one outlet shows it, without its newest `skip` items."""
        entries = b"\n".join(self.entries[skip:])
        entries = entries.replace(b"://", b"://n%d." % outlet)
        return self.head + _TEXT_END.sub(rb" n%d\1" % outlet, entries) + self.tail


def documents() -> list[Document]:
    """The corpus' documents with some items that the thorough parser reads."""
    return [cut for folder in FOLDERS for path in sorted((CORPUS / folder).iterdir()) for cut in _cut(path)]


def _cut(path: Path) -> Iterator[Document]:
    body = path.read_bytes()
    try:
        items = len(parse(body, url="https://example.org/").items)
    except ParseError:
        return
    blocks = list(_ENTRY.finditer(body))
    if len(blocks) == items >= FEWEST_ITEMS:
        yield Document(
            body[: blocks[0].start()], tuple(each.group() for each in blocks), body[blocks[-1].end() :]
        )


@dataclass
class Stand:
    """What the outlets show now."""

    documents: list[Document]
    outlets: int
    latency: float
    validators: bool = True
    bodies: dict[int, list[tuple[bytes, str]]] = field(default_factory=dict)  # by `skip`: gzip and ETag
    shown: list[tuple[bytes, str]] = field(default_factory=list)
    answered: Counter[int] = field(default_factory=Counter)

    def show(self, skip: int, validators: bool) -> None:
        if skip not in self.bodies:
            self.bodies[skip] = [self._pack(outlet, skip) for outlet in range(self.outlets)]
        self.shown, self.validators = self.bodies[skip], validators
        self.answered.clear()

    def _pack(self, outlet: int, skip: int) -> tuple[bytes, str]:
        body = self.documents[outlet % len(self.documents)].of(outlet, skip)
        return gzip.compress(body, 6, mtime=0), f'"{hashlib.sha1(body).hexdigest()[:16]}"'

    async def answer(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self.latency)
        packed, tag = self.shown[int(request.match_info["outlet"])]
        headers = {"ETag": tag} if self.validators else {}
        if self.validators and request.headers.get("If-None-Match") == tag:
            self.answered[304] += 1
            return web.Response(status=304, headers=headers)
        self.answered[200] += 1
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=packed, content_type="application/xml", headers=headers)

    async def control(self, request: web.Request) -> web.Response:
        if request.method == "POST":
            await asyncio.to_thread(self.show, **await request.json())
        return web.json_response({str(status): count for status, count in self.answered.items()})


def address(outlet: int) -> str:
    return f"127.1.{outlet // 250}.{outlet % 250 + 1}"


def free_port() -> int:
    """One that nobody listens at, at any address: another stand may be open beside this one."""
    with socket.socket() as probe:
        probe.bind(("", 0))
        port: int = probe.getsockname()[1]
        return port


def openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


def make_authority(folder: Path) -> None:
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl(folder, f"req -x509 {key} -keyout ca.key -out ca.pem -days 30 -subj /CN=Newsstand")


def certified(folder: Path, name: str, addresses: list[str]) -> ssl.SSLContext:
    """A server's context with a certificate for these addresses."""
    (folder / f"{name}.ext").write_text("subjectAltName=" + ",".join(f"IP:{each}" for each in addresses))
    key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    openssl(folder, f"req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}")
    signed = f"x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30"
    openssl(folder, f"{signed} -extfile {name}.ext -out {name}.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


async def serve(folder: Path, outlets: int, latency: float) -> None:
    stand = Stand(documents(), outlets, latency)
    app = web.Application()
    app.router.add_get("/{outlet}.xml", stand.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    make_authority(folder)
    assert runner.server
    feeds, loop = [], asyncio.get_running_loop()
    for start in range(0, outlets, OUTLETS_A_PORT):
        mine = {n: address(n) for n in range(start, min(start + OUTLETS_A_PORT, outlets))}
        context = certified(folder, f"port{start}", list(mine.values()))
        port = free_port()
        await loop.create_server(runner.server, list(mine.values()), port, ssl=context, backlog=64)
        feeds += [f"https://{host}:{port}/{n}.xml" for n, host in mine.items()]
    controls = web.Application()
    controls.router.add_route("*", "/", stand.control)
    backstage = web.AppRunner(controls, access_log=None)
    await backstage.setup()
    await web.TCPSite(backstage, "127.0.0.1", 0).start()
    host, port = backstage.addresses[0][:2]
    told = {"control": f"http://{host}:{port}/", "feeds": feeds, "documents": len(stand.documents)}
    print(json.dumps(told), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    run = partial(serve, Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    asyncio.run(run())
