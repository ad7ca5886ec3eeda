"""`monitor reload` beside a running daemon: what it says is in force is in force. And what the daemon tells its watchers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.cli import invoke
from tests.daemon.stage import Stage, eventually, figure, get, watchlist_yaml
from tests.daemon.test_signals import BROKEN
from tests.databases import free_port


@pytest.mark.slow
def test_reload_says_what_is_in_force_what_is_not_and_why(
    stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.press.pages["/beat/token"] = "OK"
    sound = (
        stage.monitor_yaml(f"127.0.0.1:{free_port()}")
        + 'heartbeat: {url: "${BEAT}", every: 1s, allow_private: true}\n'
    )
    stage.write("monitor.yaml", sound)
    beat = f"{stage.press.url}/beat/token"
    config = str(stage.config)
    for name, value in {"STAGE_DATABASE": stage.database, "BEAT": beat}.items():
        monkeypatch.setenv(name, value)
    assert invoke(["reload", "-c", config]) == 1
    assert "no daemon answers at 127.0.0.1" in capsys.readouterr().err
    daemon, web = stage.start_ready(BEAT=beat)

    # sound: in force when the command ends
    stage.write("watchlists/all.yaml", watchlist_yaml("floods", "inondation"))
    stage.write("monitor.yaml", sound.replace("20s", "21s"))
    assert invoke(["reload", "-c", config, "-o", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "in_force": True, "pid": daemon.process.pid, "sources": 1, "watchlists": 1, "restart_needed": ["fetch"], "problems": [],
    }  # fmt: skip
    daemon.wait_for("reloaded")
    assert figure(web, "monitor_config_restart_needed", key="fetch") == 1

    # a mistake: named with its place, and the daemon is not even told
    stage.write("watchlists/all.yaml", BROKEN)
    assert invoke(["reload", "-c", config]) == 78
    err = capsys.readouterr().err
    assert "watchlists/all.yaml:2:" in err
    assert "its rules stay in force" in err
    assert invoke(["reload", "-c", config, "-o", "json"]) == 78
    assert json.loads(capsys.readouterr().out)["problems"][0]["line"] == 2
    assert figure(web, "monitor_reloads_total", outcome="refused") == 0

    # sound here, and refused by the daemon, whose environment is another one
    stage.write("watchlists/all.yaml", watchlist_yaml("floods", "'${ONLY_HERE}'"))
    monkeypatch.setenv("ONLY_HERE", "inondation")
    assert invoke(["reload", "-c", config]) == 1
    assert "refused: its old rules stay in force" in capsys.readouterr().err
    assert figure(web, "monitor_config_reload_refused") == 1

    eventually(lambda: figure(web, "monitor_heartbeats_total", outcome="ok") > 0, "a sign of life")
    assert stage.press.asked["/beat/token"] > 0
    text = get(web, "/metrics")[1]
    assert "token" not in text + "\n".join(daemon.lines)


def test_a_page_that_is_no_monitors_is_not_obeyed(
    tmp_path: Path, stage: Stage, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE_DATABASE", stage.database)
    stage.press.pages["/metrics"] = "monitor_process_id 1\n"
    stage.write("monitor.yaml", stage.monitor_yaml(stage.press.url.removeprefix("http://")))
    assert invoke(["reload", "-c", str(stage.config)]) == 1
    assert "no monitor of this machine" in capsys.readouterr().err
    stage.press.pages["/metrics"] = "<html>hello</html>"
    assert invoke(["reload", "-c", str(stage.config)]) == 1
    assert "no figures of monitor" in capsys.readouterr().err
