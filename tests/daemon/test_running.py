"""A daemon that runs, seen from outside: what systemd, Prometheus and a recipient get from it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor import __version__
from tests.conftest import ROOT
from tests.daemon.conftest import Play
from tests.daemon.stage import DEADLINE, eventually, figure, get
from tests.daemon.test_monitoring import FIGURE, SIDES, panels, rules
from tests.operations import PROMTOOL, exposition_mistakes, promtool


def wait_until_ready(play: Play) -> None:
    eventually(lambda: get(play.web, "/-/ready")[0].status == 200, "ready")


def test_an_article_that_matches_reaches_the_file_channel(play: Play) -> None:
    texts = eventually(play.stage.alert_texts, "an alert in the folder")
    assert len(texts) == 1
    assert "Une rencontre à Rabat" in texts[0]


def test_systemd_hears_ready_with_a_status_and_then_of_every_life_sign(play: Play) -> None:
    play.systemd.wait_for("WATCHDOG")
    fed = play.systemd.wait_for("WATCHDOG")
    ready = [told for told in play.systemd.seen if "READY" in told]
    assert len(ready) == 1
    assert "1 sources" in ready[0]["STATUS"]
    assert "1 sources" in fed["STATUS"]


def test_the_daemon_is_healthy_and_after_the_first_reading_ready(play: Play) -> None:
    wait_until_ready(play)
    assert get(play.web, "/-/healthy")[1] == "healthy\n"
    assert get(play.web, "/-/ready")[1] == "ready\n"


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("monitor_polls_total", {"outcome": "read"}, 1),
        ("monitor_polls_total", {"outcome": "failed"}, 0),
        ("monitor_items_total", {}, 1),
        ("monitor_articles_total", {}, 1),
        ("monitor_matches_total", {}, 1),
        ("monitor_alerts_total", {}, 1),
        ("monitor_deliveries_total", {"outcome": "sent"}, 1),
        ("monitor_outbox", {"state": "sent"}, 1),
        ("monitor_outbox", {"state": "pending"}, 0),
        ("monitor_sources", {"health": "ok"}, 1),
        ("monitor_sources", {"health": "new"}, 0),
        ("monitor_store_up", {}, 1),
        ("monitor_faults_total", {"where": "work"}, 0),
        ("monitor_build_info", {"version": __version__}, 1),
    ],
)
def test_the_figures_for_prometheus_tell_what_happened(
    play: Play, name: str, labels: dict[str, str], value: float
) -> None:
    eventually(play.stage.alert_texts, "the alert")
    eventually(lambda: figure(play.web, "monitor_deliveries_total", outcome="sent"), "its settlement")
    wait_until_ready(play)
    assert figure(play.web, name, **labels) == value


def test_the_loops_progress_and_their_ticks_are_timed(play: Play) -> None:
    eventually(lambda: figure(play.web, "monitor_loop_seconds_count", loop="deliver") > 1, "two ticks")
    last = {
        loop: figure(play.web, "monitor_loop_last_progress_timestamp_seconds", loop=loop)
        for loop in ("scheduler", "gather", "deliver")
    }
    assert max(last.values()) - min(last.values()) < DEADLINE


def told(play: Play) -> tuple[str, set[str]]:
    """The exposition, and all names of its families and samples."""
    wait_until_ready(play)
    text = get(play.web, "/metrics")[1]
    families = list(text_string_to_metric_families(text))
    return text, {f"{family.name}{side}" for family in families for side in ("", *SIDES)}


def test_the_exposition_is_well_formed_and_every_figure_of_dashboard_and_rules_is_in_it(play: Play) -> None:
    text, names = told(play)
    assert exposition_mistakes(text) == []
    said = [rule["expr"] for rule in rules()] + [
        one["expr"] for panel in panels() for one in panel["targets"]
    ]
    assert len(said) > 40
    assert {name for expression in said for name in FIGURE.findall(expression)} - names == set()
    if PROMTOOL:
        assert promtool("check", "metrics", text=text) == (0, "")


def test_each_figure_is_explained_to_operators(play: Play) -> None:
    families = text_string_to_metric_families(told(play)[0])
    ours = {
        each.name
        for each in families
        if each.name.startswith("monitor_") and not each.name.endswith("_created")
    }
    explained = (ROOT / "docs" / "operations.md").read_text()
    assert [name for name in sorted(ours) if name not in explained] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/-/healthy", 200),
        ("/metrics", 200),
        ("/absent", 404),
        # no documentation of the routes, no redirects to what is nearly a route
        ("/docs", 404),
        ("/redoc", 404),
        ("/openapi.json", 404),
        ("/metrics/", 404),
        ("/../../etc/passwd", 404),
    ],
)
def test_every_answer_carries_the_strict_headers(play: Play, path: str, status: int) -> None:
    response, _ = get(play.web, path)
    assert response.status == status
    assert_strict(dict(response.getheaders()))


def assert_strict(headers: dict[str, str]) -> None:
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:9999", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:80", 200),
        # a page of the internet whose name was rebound to this machine
        ("evil.example.org", 400),
        ("localhost.evil.example.org", 400),
        ("", 400),
    ],
)
def test_only_known_host_names_are_answered(play: Play, host: str, status: int) -> None:
    response, _ = get(play.web, "/-/healthy", Host=host)
    assert response.status == status
    assert_strict(dict(response.getheaders()))


@pytest.mark.parametrize(
    "request_text",
    [
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /-/healthy HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a" * 70_000,
    ],
    ids=["no HTTP", "a version to come", "two hosts", "a header without end"],
)
def test_what_is_no_proper_request_is_refused_with_the_strict_headers(play: Play, request_text: str) -> None:
    parts = urlsplit(play.web)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=DEADLINE) as client:
        client.sendall(request_text.encode())
        head = client.recv(65_536).decode().partition("\r\n\r\n")[0]
    first, *rest = head.split("\r\n")
    assert first.startswith("HTTP/1.1 400")
    assert_strict({name.lower(): value for name, _, value in (line.partition(": ") for line in rest)})


def test_nothing_can_be_changed_over_the_web(play: Play) -> None:
    parts = urlsplit(play.web)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=DEADLINE) as client:
            client.sendall(
                f"{method} /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n".encode()
            )
            assert client.recv(4096).decode().startswith("HTTP/1.1 405")


def test_a_second_daemon_on_the_same_database_is_refused_and_the_first_works_on(play: Play) -> None:
    second = play.stage.start()
    assert second.end() == 1
    assert f"another monitor process (pid {play.daemon.process.pid})" in "\n".join(second.lines)
    assert get(play.web, "/-/healthy")[0].status == 200
