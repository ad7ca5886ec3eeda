"""The systemd unit, judged by systemd itself where its tools are installed."""

from __future__ import annotations

import ctypes.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.daemon.stage import Stage, eventually, get, parsed

UNIT = Path(__file__).resolve().parents[2] / "systemd" / "media-monitor.service"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here"
)


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


@needs_systemd
def test_the_unit_is_exposed_no_more_than_1_2() -> None:
    done = analyze("security", "--offline=yes", "--threshold=12", str(UNIT))
    assert done.returncode == 0, done.stdout
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level
    assert float(level[1]) <= 1.2


@needs_systemd
def test_the_unit_has_no_mistake(tmp_path: Path) -> None:
    # the installed program's place is not on this machine; any program there will do for the check
    text = UNIT.read_text().replace("/opt/media-monitor/bin/monitor", "/bin/true")
    copy = tmp_path / UNIT.name
    copy.write_text(text)
    done = analyze("verify", "--man=no", str(copy))
    assert (done.returncode, done.stderr) == (0, "")


def groups() -> dict[str, list[str]]:
    """The system calls, and further groups, of each of systemd's groups."""
    found: dict[str, list[str]] = {}
    for line in analyze("syscall-filter").stdout.splitlines():
        if line.startswith("@"):
            members = found.setdefault(line.strip(), [])
        elif line.startswith("    ") and not line.strip().startswith("#"):
            members.append(line.strip())
    return found


def allowed_calls() -> set[str]:
    """What the unit's filter leaves, read as systemd reads it: a list, then lists of exceptions behind a ~."""
    known = groups()

    def expanded(words: list[str]) -> set[str]:
        return set().union(*(expanded(known[word]) if word in known else {word} for word in words))

    allowed = expanded(["@default"])  # which systemd itself always adds
    for words in re.findall(r"^SystemCallFilter=(.+)$", UNIT.read_text(), re.MULTILINE):
        named = expanded(words.removeprefix("~").split())
        allowed = allowed - named if words.startswith("~") else allowed | named
    return allowed


@needs_systemd
@pytest.mark.skipif(ctypes.util.find_library("seccomp") is None, reason="libseccomp is not installed here")
def test_the_daemon_works_under_the_units_system_call_filter(stage: Stage) -> None:
    calls = stage.root / "calls"
    calls.write_text("\n".join(sorted(allowed_calls())))
    wrapper = (sys.executable, str(Path(__file__).with_name("sandbox.py")), str(calls))
    daemon, web = stage.start_ready(*wrapper)
    filters = Path(f"/proc/{daemon.process.pid}/status").read_text()
    assert re.search(r"^Seccomp:\s+2$", filters, re.MULTILINE)
    # polled, parsed and refined in child processes, stored, delivered
    daemon.wait_for("delivered")
    assert len(stage.alert_texts()) == 1
    eventually(lambda: get(web, "/-/ready")[0].status == 200, "ready")
    assert "failed" not in {line.get("event") for line in map(parsed, daemon.lines)}


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "RestartPreventExitStatus=78",
        "StartLimitIntervalSec=0",
        "DynamicUser=yes",
        "StateDirectory=monitor",
    ],
)
def test_the_unit_says_what_the_daemon_relies_on(line: str) -> None:
    assert line in UNIT.read_text().splitlines()


def test_systemd_waits_longer_than_the_daemon_needs_to_stop() -> None:
    settings = dict(line.split("=", 1) for line in UNIT.read_text().splitlines() if re.match(r"\w+=", line))
    assert int(settings["TimeoutStopSec"]) > 10
    assert settings["KillMode"] == "mixed"
