"""What several tests of the senders need: rendered messages, far sides, a certificate of our own."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.deliver import render
from monitor.model import Message
from tests.deliver.far_side import Mailbox, Sink, http_server, smtp_server
from tests.deliver.samples import make_delivery, make_desk

HOST = "monitor.example.org"


@pytest.fixture
def message() -> Message:
    return render(make_delivery(), make_desk(), f"https://{HOST}", HOST)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    async with smtp_server(Mailbox()) as mailbox:
        yield mailbox


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with http_server(Sink()) as sink:
        yield sink


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    crt, key = folder / "crt.pem", folder / "key.pem"
    ask = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    try:
        subprocess.run([*ask, *names, "-keyout", key, "-out", crt], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl, which makes the test's certificate, is not installed")
    return crt, key


@pytest.fixture(scope="session")
def server_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


@pytest.fixture(scope="session")
def client_tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate[0])
