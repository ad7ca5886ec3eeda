"""What strangers or names could make of a path: nothing leaves the folder that was named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.cli import invoke
from monitor.deliver import render
from monitor.deliver.file import name
from monitor.store import backups
from monitor.store.backups import _name
from monitor.store.engine import read_url
from tests.deliver.samples import make_alert, make_delivery, make_desk

HOSTILE = [
    "../../../etc/cron.d/x", "/etc/passwd", "..", ".", "", "a/b", "a\\b", "C:\\x", "~root/.ssh/authorized_keys", "-rf", "nul\0byte",
    "x" * 5_000, "%2e%2e%2f", "\N{FULLWIDTH FULL STOP}\N{FULLWIDTH FULL STOP}/x", "\N{DIVISION SLASH}etc", "line\nbreak", ".hidden", "CON", "$(id)", "`id`", "a;b|c",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_an_alerts_file_has_a_plain_name_whatever_its_headline_and_reference(text: str) -> None:
    delivery = make_delivery(make_alert())
    message = render(delivery, make_desk(), "https://monitor.example.org", "monitor.example.org")
    hostile = replace(message, subject=f"[Security] {text}", reference=f"{text}5f0c{text}")
    made = name(hostile)
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")
    assert made[0].isdigit()  # begins with the time
    assert len(made) < 200


@pytest.mark.parametrize("database", ["../../x", "a/b", "..", "a b;c"])
def test_a_backup_of_a_database_with_an_odd_name_stays_in_its_folder(database: str) -> None:
    stem, suffix = _name(read_url("postgresql://monitor@127.0.0.1/x").set(database=database))
    assert "/" not in stem + suffix
    assert (Path("/srv/backups") / f"{stem}-20260421T090000Z{suffix}").resolve().parent == Path(
        "/srv/backups"
    )


def test_a_link_in_the_backup_folder_is_not_rotated_through(tmp_path: Path) -> None:
    outside = tmp_path / "precious.db"
    outside.write_text("mine")
    folder = tmp_path / "b"
    folder.mkdir()
    (folder / "monitor-20200101T000000Z.db").symlink_to(outside)
    url = f"sqlite:///{tmp_path}/monitor.db"
    for each in backups.found(url, folder):
        each.path.unlink()  # as rotation does
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("asked", ["../../../etc/passwd", "/etc/passwd", "..", "schema/../monitor"])
def test_a_schema_is_looked_up_and_not_opened(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["schema", asked]) == 2
    assert "there is no schema" in capsys.readouterr().err
