"""What becomes of a message that was sent while the database is away: it is known here alone, and written down when that can be done."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from monitor import despatch
from monitor.errors import StoreCorrupt, StoreError, StoreUnsure
from monitor.parts import Parts

PAUSES = (0.0,) * 3


class Away:
    """A store's thread that fails as often as it is told, then does what it is asked."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tries = 0

    async def together(self, call: Callable[[], bool]) -> bool:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return call()


def parts(away: Away) -> Parts:
    return cast(Parts, SimpleNamespace(in_store=away))


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(despatch, "PAUSES", PAUSES)


@pytest.mark.parametrize("failures", [0, 1, 3])
async def test_a_settlement_is_tried_again_while_the_database_is_away(failures: int) -> None:
    away = Away(*[StoreError("away")] * failures)
    assert await despatch._written(parts(away), lambda: True)
    assert away.tries == failures + 1


async def test_one_that_was_written_without_an_answer_is_not_taken_for_somebody_elses() -> None:
    assert await despatch._written(parts(Away(StoreError("no answer"))), lambda: False)
    # without a failure before, somebody else has the lease
    assert not await despatch._written(parts(Away()), lambda: False)


async def test_a_database_that_stays_away_is_told_in_the_end() -> None:
    away = Away(*[StoreError("away")] * 9)
    with pytest.raises(StoreError, match="away"):
        await despatch._written(parts(away), lambda: True)
    assert away.tries == len(PAUSES) + 1


@pytest.mark.parametrize("error", [StoreCorrupt("damaged"), StoreUnsure("fsync failed")])
async def test_a_disk_past_trust_is_not_asked_again(error: StoreError) -> None:
    away = Away(error)
    with pytest.raises(type(error)):
        await despatch._written(parts(away), lambda: True)
    assert away.tries == 1
