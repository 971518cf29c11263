"""The house that services act in: its database, its settings, its clock, and who it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from gateway import dns
from gateway.crm.journal import Author
from gateway.crm.rows import Reader
from gateway.ports import Clock, SystemClock
from gateway.settings import Settings
from gateway.store import residence
from gateway.store.unit import Store
from mappings import times

HOUR = 3_600
DAY = 86_400


@dataclass
class House:
    """What every service needs; one per process, safe for threads."""

    settings: Settings
    clock: Clock = field(default_factory=SystemClock)
    dns: Callable[[str], list[bytes]] = dns.texts
    store: Store = field(init=False)
    _reader: Reader | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.store = Store(self.settings.database_url)

    @property
    def reader(self) -> Reader:
        """Give what reads the CRM's rows; raises SchemaOutOfDate where nobody has moved in yet."""
        if self._reader is None:
            self._reader = Reader(residence.uuid(self.store), self.settings.timezone, self.settings.outbound)
        return self._reader

    @cached_property
    def key(self) -> bytes:
        """Give the key under which this installation writes tokens; raises SchemaOutOfDate as `reader`."""
        return residence.key(self.store)

    def reach(self, now: int) -> int:
        """Give the instant before which what has ended is not published (`history_days`)."""
        return now - self.settings.history_days * DAY

    def today(self) -> int:
        """Give the wall seconds of the CRM's base zone at this moment."""
        return times.wall(self.clock.now(), self.settings.timezone)

    def author(self, associate: int) -> Author:
        """Give who writes into the CRM's rows at this moment."""
        return Author(associate, self.clock.now(), self.today())
