"""The systemd unit, judged by systemd itself where its tools are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

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
