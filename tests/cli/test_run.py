"""`monitor run` as a command; what the daemon does is in tests/daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli import invoke


def test_the_help_names_signals_exit_codes_and_where_output_goes(capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["run", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    for word in ("HUP", "TERM", "78", "standard error", "standard output", "--log-format"):
        assert word in shown


def test_an_unknown_log_format_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["run", "-c", str(tmp_path), "--log-format", "xml"]) == 2
    assert "auto" in capsys.readouterr().err
