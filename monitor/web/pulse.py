"""When each of the daemon's loops last got somewhere, and whether that is too long ago.

Written by the daemon, read by the watchdog and by `/-/ready`. Counts monotonic seconds: a clock that is set does not matter.
"""

from __future__ import annotations

from collections.abc import Callable


class Pulse:
    """One loop's sign of life. `bound`: seconds without a beat after which it counts as stuck."""

    def __init__(self, name: str, bound: float, monotonic: Callable[[], float]) -> None:
        self.name = name
        self.bound = bound
        self._monotonic = monotonic
        self._last = monotonic()
        self.beats = 0

    def beat(self) -> None:
        self._last = self._monotonic()
        self.beats += 1

    @property
    def age(self) -> float:
        return self._monotonic() - self._last

    @property
    def stuck(self) -> bool:
        return self.age > self.bound
