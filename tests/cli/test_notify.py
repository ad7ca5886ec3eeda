"""`monitor notify test` over real channels: a mail server, a folder, and one that nobody answers at."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from monitor.cli import invoke
from tests.build import write_config


def configured(folder: Path, *channels: dict[str, Any], language: str = "fr") -> str:
    config = write_config(
        folder / "config",
        monitor={"database": f"sqlite:///{folder / 'none.db'}", "fetch": {"allow_private": True}},
        recipients=[{"id": "desk", "language": language, "channels": list(channels)}],
    )
    return str(config)


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_each_channel_gets_a_marked_message_and_none_is_recorded(
    tmp_path: Path, httpserver: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    httpserver.expect_request("/in", method="POST").respond_with_data("ok")
    out = tmp_path / "out"
    config = configured(
        tmp_path, {"id": "hook", "webhook": httpserver.url_for("/in")}, {"id": "out", "file": str(out)}
    )
    assert invoke(["notify", "test", "desk", "-c", config, "-o", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(each["channel"], each["result"]) for each in told["channels"]] == [
        ("hook", "sent"),
        ("out", "sent"),
    ]
    [(request, _)] = httpserver.log
    assert request.get_json()["article"]["title"] == "TEST : les alertes arrivent ici"
    assert len(list(out.glob("*.eml"))) == 1
    assert not (tmp_path / "none.db").exists()


def test_what_does_not_arrive_is_told_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nobody = {"id": "hook", "webhook": f"http://127.0.0.1:{unused_port()}/in"}
    config = configured(tmp_path, nobody, {"id": "out", "file": str(tmp_path / "out")}, language="de")
    assert invoke(["notify", "test", "desk", "-c", config]) == 4
    said = capsys.readouterr().out
    assert "desk/hook (webhook): not sent: " in said
    assert "(an alert would be tried again)" in said
    assert "desk/out (file): sent" in said
    assert invoke(["notify", "test", "desk", "--channel", "hook", "-c", config]) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody"], "no recipient is called nobody; there are desk"),
        (["desk", "--channel", "fax"], "desk has no channel fax; there are out"),
    ],
)
def test_what_is_not_configured_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    config = configured(tmp_path, {"id": "out", "file": str(tmp_path / "out")})
    assert invoke(["notify", "test", *words, "-c", config]) == 2
    assert said in capsys.readouterr().err
