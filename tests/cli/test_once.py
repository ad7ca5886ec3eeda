"""What `monitor once` sums up; what it does is in tests/journey."""

from __future__ import annotations

import pytest

from monitor.cli.once import summary
from monitor.parts import Tally


@pytest.mark.parametrize(
    ("alerts", "withdrawn", "shown"),
    [
        (2, 0, 2),
        # two reports turned out to tell one event before anybody was told
        (2, 1, 1),
        # what an earlier pass had decided
        (0, 1, 0),
    ],
)
def test_an_alert_that_was_withdrawn_is_not_counted_and_none_is_owed(
    alerts: int, withdrawn: int, shown: int
) -> None:
    assert summary(Tally(alerts=alerts, withdrawn=withdrawn))["alerts"] == shown
