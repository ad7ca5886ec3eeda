"""The clock is set by an hour and a year, both ways: in the account of who was told, and under the real daemon by libfaketime.

Debian's package `faketime` holds the library; where it is absent that test is skipped and says so.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.daemon.stage import Stage, eventually, stage_in
from tests.journey import test_clock as journey
from tests.journey.conftest import Clock
from tests.journey.newsroom import Newsroom

pytestmark = pytest.mark.prove

clock, room = journey.clock, journey.room
HOUR = timedelta(hours=1)
JUMPS = [HOUR, -HOUR, journey.YEAR, -journey.YEAR]
LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
PLACES = (
    "de pêcheurs à Essaouira",
    "sur la datte à Errachidia",
    "des juges à Marrakech",
    "autour du rail à Tanger",
    "d'échecs à Meknès",
    "des sages-femmes à Oujda",
    "sur les barrages à Settat",
    "de luthiers à Salé",
)
HOURS = (8760, 8759, 0, -8760, -8736, 1, -1, 0)  # the clock runs ahead of the true one by so many


@pytest.mark.parametrize("set_right_again", [True, False])
@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_whatever_waits_is_told_once(
    room: Newsroom, clock: Clock, jump: timedelta, set_right_again: bool
) -> None:
    await journey.test_whatever_waits_is_told_once_though_the_clock_is_set(room, clock, jump, set_right_again)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
async def test_what_is_being_sent_goes_once(room: Newsroom, clock: Clock, jump: timedelta) -> None:
    await journey.test_what_is_being_sent_while_the_clock_is_set_goes_once(room, clock, jump)


@pytest.mark.skipif(not LIBRARIES, reason="the package faketime is not installed")
def test_the_daemon_reads_and_sends_on_whatever_its_clock_is_set_to(tmp_path: Path) -> None:
    setting = tmp_path / "clock"
    setting.write_text("+0")
    with stage_in(tmp_path) as stage:
        often(stage)
        daemon, _ = stage.start_ready(
            LD_PRELOAD=str(LIBRARIES[0]),
            FAKETIME_TIMESTAMP_FILE=str(setting),
            FAKETIME_NO_CACHE="1",
            FAKETIME_DONT_FAKE_MONOTONIC="1",
        )
        told_of(stage, "à Rabat")
        for number, hours in enumerate(HOURS):
            setting.write_text(f"{hours * 3600:+d}")
            daemon.wait_for("the clock was set")
            stage.press.feeds["/one"].append(f"Une rencontre {PLACES[number]}")
            told_of(stage, PLACES[number])
        # later editions say that a page is gone, which it is
        texts = [text for text in stage.alert_texts() if '"edition":0' in text]
        lines = "\n".join(daemon.lines)
        assert len(texts) == 1 + len(HOURS)
        # it came due by the clock that was set on by a year; what the right one lets it do is nobody's loss
        assert "housekeeping waits for a day" in lines
        assert '"failed"' not in lines


def often(stage: Stage) -> None:
    """A press that is read every second, whose articles keep their addresses."""
    stage.write("monitor.yaml", stage.monitor_yaml() + "polling: {min: 1s, max: 2s}\n")
    source = stage.source_yaml("one", "/one").replace("backfill: true", "backfill: true, every: 1s")
    stage.write("sources/stage.yaml", "sources:\n" + source)


def told_of(stage: Stage, words: str) -> None:
    eventually(lambda: any(words in text for text in stage.alert_texts()), f"an alert of {words!r}")
