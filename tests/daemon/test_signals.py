"""The daemon's life: signals, outages, a stop and a new start. Every test runs the real process."""

from __future__ import annotations

import signal
import socket
import time
from functools import partial
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.daemon.stage import Stage, eventually, figure, get, stage_in, watchlist_yaml
from tests.databases import Cluster

BROKEN = "watchlists:\n  - {id: meetings, any: [rencontre], severty: high, notify: [desk]}\n"

FLOOD = "Les barrages du nord débordent : rencontre d'urgence des ingénieurs à Fès"  # another event than the stage's


def test_a_reload_with_a_mistake_names_it_and_keeps_the_old_rules(stage: Stage) -> None:
    systemd = stage.notify()
    daemon, web = stage.start_ready(NOTIFY_SOCKET=systemd.address)
    systemd.wait_for("READY")
    eventually(lambda: get(web, "/-/ready")[0].status == 200, "ready")
    # one file adds a source, which is sound by itself; another holds the mistake
    stage.press.feeds["/two"] = [FLOOD]
    both = "sources:\n" + stage.source_yaml("one", "/one") + stage.source_yaml("two", "/two")
    stage.write("sources/stage.yaml", both)
    stage.write("watchlists/all.yaml", BROKEN)

    daemon.signal(signal.SIGHUP)
    mistake = daemon.wait_for("mistake in the configuration", problem="watchlists/all.yaml:2:")
    assert "severity" in mistake["problem"]
    daemon.wait_for("reload refused: the rules of before stay in force", mistakes=1)
    assert int(systemd.wait_for("RELOADING")["MONOTONIC_USEC"]) > 0
    systemd.wait_for("READY")
    assert stage.press.asked["/two"] == 0
    assert 'monitor_reloads_total{outcome="refused"} 1.0' in get(web, "/metrics")[1]

    # mended, the same reload puts both files in force
    stage.write("watchlists/all.yaml", watchlist_yaml("meetings", "rencontre"))
    daemon.signal(signal.SIGHUP)
    daemon.wait_for("reloaded", sources=2)
    eventually(lambda: len(stage.alert_texts()) == 2, "the second source's alert")


def test_a_reload_replaces_the_rules_for_what_is_read_from_then_on_and_names_what_it_cannot(
    stage: Stage,
) -> None:
    daemon, _ = stage.start_ready()
    daemon.wait_for("delivered")
    stage.write("watchlists/all.yaml", watchlist_yaml("floods", "inondation"))
    stage.press.feeds["/two"] = [FLOOD, "Une inondation à Fès"]
    stage.write("sources/stage.yaml", "sources:\n" + stage.source_yaml("two", "/two"))
    stage.write("monitor.yaml", stage.monitor_yaml().replace("20s", "21s"))
    daemon.signal(signal.SIGHUP)
    assert daemon.wait_for("changed, but in force only after a restart")["keys"] == ["fetch"]
    daemon.wait_for("delivered")
    texts = stage.alert_texts()
    assert len(texts) == 2
    assert sum("Fès" in text for text in texts) == 1
    assert not any("Doha" in text for text in texts)


@pytest.mark.slow
def test_a_stop_finishes_in_time_although_a_source_hangs(stage: Stage) -> None:
    stage.press.hanging.add("/one")
    systemd = stage.notify()
    daemon, _ = stage.start_ready(NOTIFY_SOCKET=systemd.address)
    assert stage.press.arrived.wait(20)
    begun = time.monotonic()
    daemon.signal(signal.SIGTERM)
    systemd.wait_for("STOPPING")
    assert daemon.end() == 0
    assert time.monotonic() - begun < 20  # the unit's TimeoutStopSec
    assert '"event": "ended"' in daemon.lines[-1]


def test_a_stop_leaves_no_child_and_a_new_start_alerts_nothing_again(
    tmp_path: Path, database_url: str
) -> None:
    with stage_in(tmp_path, database_url) as stage:
        daemon, _ = stage.start_ready()
        daemon.wait_for("delivered")
        children = psutil.Process(daemon.process.pid).children(recursive=True)
        assert children
        daemon.signal(signal.SIGTERM)
        assert daemon.end() == 0
        assert [child.pid for child in children if child.is_running()] == []

        again, web = stage.start_ready()
        eventually(lambda: get(web, "/-/ready")[0].status == 200, "ready")
        again.signal(signal.SIGINT)
        assert again.end() == 0
        assert len(stage.alert_texts()) == 1


def test_a_signal_to_a_worker_does_not_end_the_daemon(stage: Stage) -> None:
    daemon, web = stage.start_ready()
    daemon.wait_for("delivered")
    for child in psutil.Process(daemon.process.pid).children(recursive=True):
        child.send_signal(signal.SIGTERM)
        child.kill()
        eventually(partial(gone, child), "the end of the worker")
    stage.press.feeds["/two"] = [FLOOD]
    stage.write("sources/stage.yaml", "sources:\n" + stage.source_yaml("two", "/two"))
    daemon.signal(signal.SIGHUP)
    daemon.wait_for("delivered")
    assert get(web, "/-/healthy")[0].status == 200


def gone(process: psutil.Process) -> bool:
    """Ended, whether or not its parent has taken note of it."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_no_secret_reaches_the_log(stage: Stage, tmp_path: Path) -> None:
    # nothing listens there, so the failure is told, with whatever the libraries know of the address
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    secret = tmp_path / "config" / "hook.key"
    secret.write_text(f"http://127.0.0.1:{port}/canary-in-a-path")
    secret.chmod(0o600)
    hook = "      - {id: hook, webhook: '${file:hook.key}', secret: '${CANARY}'}\n"
    stage.write("recipients.yaml", stage.recipients_yaml(hook))
    daemon, _ = stage.start_ready(CANARY="canary-in-a-value")
    daemon.wait_for("trouble", of="desk/hook")
    daemon.signal(signal.SIGTERM)
    daemon.end()
    assert "canary" not in "\n".join(daemon.lines)


def test_a_database_server_that_is_away_ends_nothing_and_work_goes_on_when_it_is_back(
    tmp_path: Path, postgresql: Cluster, empty_postgresql_url: str
) -> None:
    name = empty_postgresql_url.rpartition("/")[2]
    with stage_in(tmp_path, empty_postgresql_url) as stage:
        daemon, web = stage.start_ready()
        daemon.wait_for("delivered")
        postgresql.run("ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        try:
            with psycopg.connect(postgresql.url("postgres"), autocommit=True) as connection:
                gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                connection.execute(gone, [name])
            daemon.wait_for("failed", of="deliver")
            ready, reasons = get(web, "/-/ready")
            assert (ready.status, "store: it does not answer" in reasons) == (503, True)
            assert get(web, "/-/healthy")[0].status == 200
            assert "monitor_store_up 0.0" in get(web, "/metrics")[1]
        finally:
            postgresql.run("ALTER DATABASE {} ALLOW_CONNECTIONS true", name)
        stage.press.feeds["/two"] = [FLOOD]
        stage.write("sources/stage.yaml", "sources:\n" + stage.source_yaml("two", "/two"))
        daemon.signal(signal.SIGHUP)
        daemon.wait_for("delivered")
        assert "Traceback" not in "\n".join(daemon.lines)
        assert postgresql.password not in "\n".join(daemon.lines)


def test_a_disk_that_takes_nothing_more_ends_nothing_and_hammers_no_outlet(stage: Stage) -> None:
    daemon, web = stage.start_ready()
    daemon.wait_for("delivered")
    stage.press.feeds["/two"] = [FLOOD]
    both = "sources:\n" + stage.source_yaml("one", "/one") + stage.source_yaml("two", "/two")
    stage.write("sources/stage.yaml", both)
    # every write to a file fails from here on, as on a full disk
    process = psutil.Process(daemon.process.pid)
    process.rlimit(psutil.RLIMIT_FSIZE, (0, process.rlimit(psutil.RLIMIT_FSIZE)[1]))
    daemon.signal(signal.SIGHUP)
    daemon.wait_for("failed", of="two")
    ticks = figure(web, "monitor_loop_last_progress_timestamp_seconds", loop="gather")
    # two more ticks of the gatherer, two seconds apart, begin nothing
    later = "monitor_loop_last_progress_timestamp_seconds"
    eventually(lambda: figure(web, later, loop="gather") > ticks + 3, "two ticks")
    assert stage.press.asked["/two"] == 1
    assert get(web, "/-/healthy")[0].status == 200
    assert len(stage.alert_texts()) == 1
