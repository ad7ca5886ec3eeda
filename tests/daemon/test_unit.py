"""The systemd units, judged by systemd itself where its tools are installed."""

from __future__ import annotations

import ctypes.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.store import Store
from tests.build import NOON, write_config
from tests.daemon.stage import Stage, eventually, get, parsed

UNITS = Path(__file__).resolve().parents[2] / "systemd"
UNIT = UNITS / "media-monitor.service"
BACKUP = UNITS / "media-monitor-backup.service"
TIMER = UNITS / "media-monitor-backup.timer"

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here"
)


def analyze(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


@needs_systemd
@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.stem)
def test_each_service_is_exposed_no_more_than_1_2(unit: Path) -> None:
    done = analyze("security", "--offline=yes", "--threshold=12", str(unit))
    assert done.returncode == 0, done.stdout
    level = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert level
    assert float(level[1]) <= 1.2


@needs_systemd
def test_no_unit_has_a_mistake(tmp_path: Path) -> None:
    units = [each for each in UNITS.iterdir() if each.suffix in (".service", ".timer")]
    assert len(units) == 3
    for unit in units:
        # the installed program's place is not on this machine; any program there will do for the check
        (tmp_path / unit.name).write_text(
            unit.read_text().replace("/opt/media-monitor/bin/monitor", "/bin/true")
        )
    done = analyze("verify", "--man=no", *(str(tmp_path / unit.name) for unit in units))
    assert (done.returncode, done.stderr) == (0, "")


def settings(unit: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.read_text().splitlines() if re.match(r"\w+=", line))


def groups() -> dict[str, list[str]]:
    """The system calls, and further groups, of each of systemd's groups."""
    found: dict[str, list[str]] = {}
    for line in analyze("syscall-filter").stdout.splitlines():
        if line.startswith("@"):
            members = found.setdefault(line.strip(), [])
        elif line.startswith("    ") and not line.strip().startswith("#"):
            members.append(line.strip())
    return found


def allowed_calls(unit: Path) -> set[str]:
    """What the unit's filter leaves, read as systemd reads it: a list, then lists of exceptions behind a ~."""
    known = groups()

    def expanded(words: list[str]) -> set[str]:
        return set().union(*(expanded(known[word]) if word in known else {word} for word in words))

    allowed = expanded(["@default"])  # which systemd itself always adds
    for words in re.findall(r"^SystemCallFilter=(.+)$", unit.read_text(), re.MULTILINE):
        named = expanded(words.removeprefix("~").split())
        allowed = allowed - named if words.startswith("~") else allowed | named
    return allowed


needs_seccomp = pytest.mark.skipif(
    ctypes.util.find_library("seccomp") is None, reason="libseccomp is not installed here"
)


def sandboxed(folder: Path, unit: Path) -> tuple[str, ...]:
    """The words before a command that put it under the unit's system call filter."""
    calls = folder / "calls"
    calls.write_text("\n".join(sorted(allowed_calls(unit))))
    return sys.executable, str(Path(__file__).with_name("sandbox.py")), str(calls)


@needs_systemd
@needs_seccomp
def test_the_daemon_works_under_the_units_system_call_filter(stage: Stage) -> None:
    daemon, web = stage.start_ready(*sandboxed(stage.root, UNIT))
    filters = Path(f"/proc/{daemon.process.pid}/status").read_text()
    assert re.search(r"^Seccomp:\s+2$", filters, re.MULTILINE)
    # polled, parsed and refined in child processes, stored, delivered
    daemon.wait_for("delivered")
    assert len(stage.alert_texts()) == 1
    eventually(lambda: get(web, "/-/ready")[0].status == 200, "ready")
    assert "failed" not in {line.get("event") for line in map(parsed, daemon.lines)}


@needs_systemd
@needs_seccomp
def test_a_backup_works_under_its_units_system_call_filter(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path}/monitor.db", now=NOON).close()
    config = write_config(tmp_path / "config", monitor={"database": f"sqlite:///{tmp_path}/monitor.db"})
    command = [
        *sandboxed(tmp_path, BACKUP),
        sys.executable,
        "-m",
        "monitor",
        "db",
        "backup",
        "-c",
        str(config),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "sound" in done.stdout


def test_a_backup_has_no_network_and_shares_the_daemons_state() -> None:
    said = settings(BACKUP)
    assert (said["PrivateNetwork"], said["IPAddressDeny"], said["RestrictAddressFamilies"]) == (
        "yes",
        "any",
        "AF_UNIX",
    )
    # one user for both: systemd would give the state to whichever started last
    assert (said["User"], said["DynamicUser"]) == (UNIT.stem, "yes")
    for key in ("StateDirectory", "StateDirectoryMode", "WorkingDirectory", "UMask"):
        assert said[key] == settings(UNIT)[key]
    assert settings(TIMER)["Persistent"] == "yes"
    assert TIMER.stem == BACKUP.stem  # a timer starts the service of its name


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
    assert int(settings(UNIT)["TimeoutStopSec"]) > 10
    assert settings(UNIT)["KillMode"] == "mixed"
