"""What the gateway needs from the world around it, each as small as can be."""

from __future__ import annotations

import secrets
import time
from types import TracebackType
from typing import Protocol, Self


class Clock(Protocol):
    """The present moment."""

    def now(self) -> int:
        """Give the present moment as an instant: UTC seconds since the epoch."""

    def ticks(self) -> float:
        """Give seconds of a clock that never steps back, for measuring waits."""


class Stop(Protocol):
    """What tells a loop to end: a threading or a multiprocessing Event."""

    def is_set(self) -> bool:
        """Tell whether to stop."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until told to stop, at most `timeout` seconds."""


class MailTransport(Protocol):
    """The way out for mail; used in a `with` block, in which one conversation serves many mails."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the conversation."""

    def send(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand one mail over; raises MailRefused where it never will be taken, MailDeferred where it may be later."""


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
