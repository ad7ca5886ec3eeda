"""`monitor routes test` as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor import cli
from monitor.errors import EXIT_NOTHING, EXIT_OK, EXIT_USAGE

FILES = {
    "sources/a.yaml": """
sources:
  - {id: gazette, url: "https://gazette.example.org/feed"}
""",
    "watchlists/w.yaml": """
watchlists:
  - {id: police, severity: high, any: [DGSN], notify: [desk], tags: [security]}
  - {id: forums, any: [forum]}
""",
    "recipients.yaml": """
recipients:
  - id: desk
    timezone: Africa/Casablanca
    channels:
      - {id: screen, console: true}
      - {id: out, file: var/alerts}
  - {id: reader, timezone: Asia/Qatar, channels: [{id: screen, console: true}]}
routes:
  - match: {tags: [security]}
    to: [desk, reader]
""",
}
MONDAY = "2026-11-23T10:00Z"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in FILES.items():
        file = tmp_path / "config" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "config"


def test_it_says_who_hears_when_why_and_where_that_stands(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.invoke(["routes", "test", "--watchlist", "police", "--at", MONDAY]) == EXIT_OK
    assert capsys.readouterr().out == (
        "police, high, at 2026-11-23 10:00 UTC\n"
        "\n"
        "desk  mon 2026-11-23 11:00 Africa/Casablanca\n"
        "  why      at once\n"
        "  through  the route at config/recipients.yaml:10:5\n"
        "  by       screen (console), out (file)\n"
        "  also     notify at config/watchlists/w.yaml:3:56: at once\n"
        "\n"
        "reader  mon 2026-11-23 13:00 Asia/Qatar\n"
        "  why      at once\n"
        "  through  the route at config/recipients.yaml:10:5\n"
        "  by       screen (console)\n"
    )


def test_as_json_it_says_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.invoke(["routes", "test", "-w", "police", "--at", MONDAY, "-o", "json"]) == EXIT_OK
    document = json.loads(capsys.readouterr().out)
    assert (document["watchlist"], document["severity"], document["at"]) == (
        "police",
        "high",
        "2026-11-23T10:00:00Z",
    )
    assert [one["id"] for one in document["recipients"]] == ["desk", "reader"]
    assert document["recipients"][1] == {
        "id": "reader",
        "channels": [{"id": "screen", "kind": "console"}],
        "how": "now",
        "at": "2026-11-23T10:00:00Z",
        "local": "mon 2026-11-23 13:00 Asia/Qatar",
        "slot": None,
        "why": "at once",
        "through": "route",
        "file": "config/recipients.yaml",
        "line": 10,
        "column": 5,
        "escalates": [],
        "also": [],
    }


def test_where_nobody_hears_it_says_so_and_exits_with_3(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.invoke(["routes", "test", "-w", "forums"]) == EXIT_NOTHING
    assert capsys.readouterr().err == "nobody hears of forums: write notify, or a route\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-w", "polcie"], "no watchlist is called polcie; there are police, forums"),
        (["-w", "police", "--at", "2026-11-23T10:00"], "is not a time with its offset, such as"),
        (["-w", "police", "--at", "tomorrow"], "is not a time with its offset, such as"),
        (["-w", "police", "--severity", "urgent"], "'urgent' is not one of"),
    ],
)
def test_what_it_cannot_understand_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert cli.invoke(["routes", "test", *arguments]) == EXIT_USAGE
    assert message in capsys.readouterr().err


# --- routes with plans

PLANNED = """
recipients:
  - id: desk
    timezone: Africa/Casablanca
    working_days: [mon, tue, wed, thu, fri]
    channels: [{id: screen, console: true}]
  - {id: head, timezone: Asia/Qatar, channels: [{id: screen, console: true}]}
routes:
  - to: [desk]
    digest: {at: ["07:30", "17:00"]}
    routes:
      - match: {severity: [high, critical]}
        digest: none
        quiet_hours: {from: "21:00", to: "06:30"}
        escalate_after: 15m
        escalate_to: [head]
"""


@pytest.mark.parametrize(
    ("severity", "at", "line", "when", "why"),
    [
        (
            "normal",
            MONDAY,
            9,
            "mon 2026-11-23 17:00",
            "in the digest of mon 2026-11-23 17:00 Africa/Casablanca",
        ),
        # Friday evening: the next working day
        (
            "normal",
            "2026-11-27T18:00Z",
            9,
            "mon 2026-11-30 07:30",
            "in the digest of mon 2026-11-30 07:30 Africa/Casablanca",
        ),
        ("high", MONDAY, 12, "mon 2026-11-23 11:00", "at once"),
        # --at takes any offset
        (
            "high",
            "2026-11-23T22:00+01:00",
            12,
            "tue 2026-11-24 06:30",
            "held until tue 2026-11-24 06:30 Africa/Casablanca by quiet hours (21:00 to 06:30)",
        ),
    ],
)
def test_a_severity_and_a_time_can_be_tried(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    severity: str,
    at: str,
    line: int,
    when: str,
    why: str,
) -> None:
    (folder / "recipients.yaml").write_text(PLANNED)
    assert cli.invoke(["routes", "test", "-w", "forums", "--severity", severity, "--at", at]) == EXIT_OK
    shown = capsys.readouterr().out
    assert shown.startswith(f"forums, {severity}, at ")
    assert f"\ndesk  {when} Africa/Casablanca\n" in shown
    assert f"\n  why      {why}\n" in shown
    assert f"config/recipients.yaml:{line}:" in shown


def test_whom_a_critical_alert_goes_to_next_is_shown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "recipients.yaml").write_text(PLANNED)
    cli.invoke(["routes", "test", "-w", "forums", "--severity", "critical", "--at", "2026-11-23T22:00+01:00"])
    assert (
        "  then     head, unless acknowledged by mon 2026-11-23 22:15 Africa/Casablanca\n"
        in capsys.readouterr().out
    )


def test_of_two_ways_the_sooner_is_taken_and_check_warns_of_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "recipients.yaml").write_text(PLANNED)
    cli.invoke(["routes", "test", "-w", "police", "--severity", "normal", "--at", MONDAY, "-o", "json"])
    told = json.loads(capsys.readouterr().out)["recipients"][0]
    assert (told["how"], told["through"], told["file"]) == ("now", "notify", "config/watchlists/w.yaml")
    assert [(one["how"], one["slot"], one["line"]) for one in told["also"]] == [
        ("digest", "2026-11-23 17:00 Africa/Casablanca", 9)
    ]
    assert cli.invoke(["check"]) == EXIT_OK
    assert (
        "the watchlist police tells desk at once by its notify, whatever the route at config/recipients.yaml:12 plans"
        in capsys.readouterr().err
    )
