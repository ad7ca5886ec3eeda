"""How many messages of an alert a chat has already: what went before a refusal does not go twice.

Kept by `chat`, in this process's memory: after a restart an alert goes whole again, which is what a lost answer means anyway.
Text that was rendered otherwise meanwhile (another language, a newer version) begins anew.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict

MOST = 1_000  # alerts; each waits for its next attempt, so few are more than a handful


class Progress:
    def __init__(self) -> None:
        self._went: OrderedDict[str, tuple[bytes, int]] = OrderedDict()

    def of(self, reference: str, *texts: str) -> int:
        """The messages that went of this delivery with these texts."""
        text, went = self._went.get(reference, (b"", 0))
        return went if text == _digest(texts) else 0

    def note(self, reference: str, went: int, *texts: str) -> None:
        """So many went and the next one did not; 0: nothing need be known of it any more."""
        self._went.pop(reference, None)
        if went:
            self._went[reference] = (_digest(texts), went)
        while len(self._went) > MOST:
            self._went.popitem(last=False)


def _digest(texts: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\0".join(texts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
