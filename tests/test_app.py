"""How long a source waits that could not be read to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.app import _pause_after
from monitor.errors import StoreError

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("error", "failures", "pause"),
    [
        # a fault of the program: it will hardly go by itself
        (ValueError("ours"), 0, 15 * MINUTE),
        # one commit was lost: the articles must not wait for a quarter of an hour
        (StoreError("no answer"), 0, MINUTE / 2),
        (StoreError("no answer"), 1, MINUTE),
        (StoreError("no answer"), 3, 4 * MINUTE),
        # something in them that the database never takes
        (StoreError("refused"), 5, 15 * MINUTE),
        (StoreError("refused"), 5_000, 15 * MINUTE),
    ],
)
def test_what_could_not_be_recorded_is_read_again_soon_and_later_each_time(
    error: Exception, failures: int, pause: timedelta
) -> None:
    assert _pause_after(error, failures) == pause
