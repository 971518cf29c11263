"""What the gateway needs from the world around it, each as small as can be."""

from __future__ import annotations

import secrets
import time
from typing import Protocol


class Clock(Protocol):
    """The present moment."""

    def now(self) -> int:
        """Give the present moment as an instant: UTC seconds since the epoch."""

    def ticks(self) -> float:
        """Give seconds of a clock that never steps back, for measuring waits."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> int:
        """Give the present moment as an instant: UTC seconds since the epoch."""
        return int(time.time())

    def ticks(self) -> float:
        """Give seconds of a clock that never steps back, for measuring waits."""
        return time.monotonic()


def nonce() -> int:
    """Draw a random positive number that fits every database's 64-bit integer."""
    return secrets.randbits(62)
