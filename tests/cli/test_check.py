"""`monitor check` and `monitor schema` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor import cli
from monitor.cli.check import masked
from monitor.errors import EXIT_CONFIG, EXIT_OK, EXIT_USAGE
from monitor.model import Channel, ChannelKind
from monitor.settings import json_schemas

SOUND = {
    "sources/a.yaml": """
sources:
  - {id: gazette, url: "https://gazette.example.org/feed", country: MA, full_text: true}
  - {id: wire, kind: news-sitemap, url: "https://wire.example.org/news.xml"}
""",
    "watchlists/w.yaml": """
watchlists:
  - {id: peace, title: Peace, severity: high, any: [paix], notify: [desk]}
  - {id: lonely, any: [guerre]}
""",
    "recipients.yaml": """
recipients:
  - id: desk
    channels:
      - {id: chat, apprise: "${CHAT}"}
      - {id: hook, webhook: "https://example.org/in/path-of-its-own", secret: "${file:hook.key}"}
""",
    "hook.key": "canary-key",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in SOUND.items():
        file = tmp_path / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)
    monkeypatch.setenv("CHAT", "tgram://canary-token/1")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config"


def test_check_says_what_a_sound_configuration_holds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.invoke(["check", "-c", str(folder)]) == EXIT_OK
    printed = capsys.readouterr().out
    assert "no mistakes" in printed
    assert "2 sources, 0 entities, 2 watchlists, 1 recipients, 0 routes" in printed
    assert "feed 1, news-sitemap 1" in printed
    lines = {line.split()[0]: line.split() for line in printed.splitlines() if line.strip()}
    assert lines["peace"] == ["peace", "high", "desk"]
    assert lines["lonely"] == ["lonely", "normal", "nobody"]


def test_check_finds_the_configuration_of_the_current_folder(folder: Path) -> None:
    assert cli.invoke(["check"]) == EXIT_OK


def test_check_as_json_holds_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.invoke(["check", "-c", str(folder), "-o", "json"]) == EXIT_OK
    held = json.loads(capsys.readouterr().out)
    assert held["ok"] is True
    assert held["sources"] == {
        "count": 2,
        "by_kind": {"feed": 1, "news-sitemap": 1},
        "by_country": {"MA": 1, "none stated": 1},
        "full_text": 1,
    }
    assert held["watchlists"][0] == {
        "id": "peace",
        "severity": "high",
        "title": "Peace",
        "heard_by": ["desk"],
    }
    assert [channel["to"] for channel in held["recipients"][0]["channels"]] == [
        "tgram://***",
        "https://example.org/***",
    ]


@pytest.mark.parametrize("more", [[], ["-o", "json"]])
def test_check_shows_no_secret(folder: Path, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    cli.invoke(["check", "-c", str(folder), *more])
    printed = "".join(capsys.readouterr())
    assert not [word for word in ("canary", "path-of-its-own") if word in printed]


def test_check_prints_every_mistake_and_exits_78(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "monitor.yaml").write_text("databse: x\n")
    (folder / "watchlists" / "bad.yaml").write_text("watchlists: [{id: peace, any: [paix], notify: [dsk]}]\n")
    assert cli.invoke(["check", "-c", "config"]) == EXIT_CONFIG
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [
        "config/monitor.yaml:1:1: databse: unknown key; did you mean database?",
        "config/watchlists/bad.yaml:1:48: notify: no recipient is called dsk; did you mean desk?",
        "config/watchlists/w.yaml:3:10: id: a second watchlist peace; the first is at config/watchlists/bad.yaml:1:19",
        "3 mistakes in the configuration",
    ]


def test_check_as_json_lists_the_mistakes_and_exits_78(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "monitor.yaml").write_text("databse: x\n")
    assert cli.invoke(["check", "-c", "config", "-o", "json"]) == EXIT_CONFIG
    assert json.loads(capsys.readouterr().out) == {
        "ok": False,
        "directory": "config",
        "problems": [
            {
                "file": "config/monitor.yaml",
                "line": 1,
                "column": 1,
                "message": "databse: unknown key; did you mean database?",
            }
        ],
    }


def test_check_of_a_folder_that_is_not_there_exits_78(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.invoke(["check", "-c", str(tmp_path / "nowhere")]) == EXIT_CONFIG
    assert "there is no such folder: name the configuration's folder with -c" in capsys.readouterr().err


def test_schema_prints_all_by_file_name_or_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.invoke(["schema"]) == EXIT_OK
    assert json.loads(capsys.readouterr().out) == json_schemas()
    for name in ("watchlists", "watchlists.json"):
        assert cli.invoke(["schema", name]) == EXIT_OK
        assert json.loads(capsys.readouterr().out) == json_schemas()["watchlists.json"]


def test_schema_of_an_unknown_name_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.invoke(["schema", "routes"]) == EXIT_USAGE
    assert "there is no schema routes; there are monitor.json, sources.json" in capsys.readouterr().err


def test_schema_writes_files(tmp_path: Path) -> None:
    assert cli.invoke(["schema", "--write", str(tmp_path / "schema")]) == EXIT_OK
    written = {path.name: json.loads(path.read_text()) for path in (tmp_path / "schema").iterdir()}
    assert written == json_schemas()


def test_schema_that_cannot_be_written_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert cli.invoke(["schema", "--write", str(tmp_path / "file" / "schema")]) == EXIT_USAGE
    assert "cannot write to" in capsys.readouterr().err


def test_check_names_whom_a_route_reaches(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "recipients.yaml").open("a") as file:
        file.write("routes: [{match: {watchlists: [lonely]}, to: [desk]}]\n")
    assert cli.invoke(["check", "-o", "json"]) == EXIT_OK
    held = json.loads(capsys.readouterr().out)
    assert [one["heard_by"] for one in held["watchlists"]] == [["desk"], ["desk"]]
    assert held["warnings"] == []


def test_check_warns_of_what_is_hardly_meant(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "watchlists" / "x.yaml").write_text(
        "watchlists: [{id: x, any: [paix], where: {tags: [wier]}}]\n"
    )
    monkeypatch.setenv("CHAT", "mailto://user:canary@example.org")
    assert cli.invoke(["check"]) == EXIT_OK
    assert capsys.readouterr().err.splitlines() == [
        "warning: nobody hears of the watchlist lonely: write notify, or a route",
        "warning: nobody hears of the watchlist x: write notify, or a route",
        "warning: the watchlist x asks for the tag wier, which no source carries",
        "warning: nothing will go out by desk/chat: the service 'mailto' is not one that alerts may go to",
    ]


# a channel -> what may be shown of it
MASKED = [
    (Channel("c", ChannelKind.EMAIL, "amina@example.org"), "a***@example.org"),
    (Channel("c", ChannelKind.APPRISE, "slack://token/a/b"), "slack://***"),
    (Channel("c", ChannelKind.WEBHOOK, "https://example.org/in?key=1"), "https://example.org/***"),
    (Channel("c", ChannelKind.WEBHOOK, "https://example.org?key=1"), "https://example.org/***"),
    (Channel("c", ChannelKind.CONSOLE), "this terminal"),
    (Channel("c", ChannelKind.FILE, "var/alerts"), "var/alerts"),
]


@pytest.mark.parametrize(("channel", "shown"), MASKED)
def test_a_channel_is_shown_without_its_secret(channel: Channel, shown: str) -> None:
    assert masked(channel) == shown
