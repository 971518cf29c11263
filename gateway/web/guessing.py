"""Who has shown too many wrong tokens, and how long they wait: a table of counts and moments, and no clock of its own.

Counted are *different* wrong secrets: of one login from one network, and, with a far higher bound, of a network. A
phone with an old token shows the same one for ever, is told so each time, and locks nobody out. Whoever waits is
answered without a question to the database; another login, and the same login from elsewhere, are not touched; and a
secret that came in from a network while it was watched comes in whatever others guess there. Of secrets nothing is kept
but keyed digests, and of everything no more than the bounds below.

Each process counts for itself: behind several, an attacker has as many times the guesses, and the waits stay the same.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

WIDER: Final = 100  # a network may guess this many times what one login from it may
FIRST: Final = 1.0  # seconds of waiting after the last guess allowed; each further one doubles them
LONGEST: Final = 300.0  # seconds of waiting at most
FORGOTTEN: Final = 3_600.0  # seconds without a new guess after which counting begins anew
STANDINGS: Final = 10_000  # logins and networks that are counted at once
REMEMBERED: Final = 20_000  # wrong secrets that are known again, and as many right ones


@dataclass(frozen=True, slots=True)
class Guess:
    """A secret that was shown, as digests: of what was shown, of whose it should be, and of the network alone."""

    shown: bytes
    whose: bytes | None
    network: bytes


@dataclass(slots=True)
class _Standing:
    """How many different wrong secrets there were, when the last one came, and until when the next has to wait."""

    count: int = 0
    last: float = 0.0
    until: float = 0.0


class Guesses:
    """What one process remembers of wrong secrets; safe for threads. Moments are seconds of any one steady clock."""

    def __init__(self, allowed: int, key: bytes) -> None:
        self._allowed = allowed
        self._key = key  # people type passwords of other houses: a digest that anybody can compute would give them away
        self._turn = threading.Lock()
        self._standings: OrderedDict[bytes, _Standing] = OrderedDict()  # the one guessed at longest ago first
        self._wrong: OrderedDict[bytes, None] = OrderedDict()
        self._welcome: OrderedDict[bytes, None] = OrderedDict()

    @property
    def quiet(self) -> bool:
        """Tell whether nobody is counted, so that nobody can have to wait."""
        return not self._standings

    def guess(self, login: str | None, network: str, secret: str) -> Guess:
        """Make a guess of what was shown; without a login it counts against its network alone."""
        place = self._digest("n", network)
        whose = None if login is None else self._digest("l", network, login.casefold())
        return Guess(self._digest("s", network, "" if login is None else login.casefold(), secret), whose, place)

    def wait(self, it: Guess, now: float) -> float:
        """Give the seconds that somebody has to wait before what they show is looked at; 0 for not at all."""
        with self._turn:
            if it.shown in self._welcome:
                return 0.0
            return max([0.0, *(s.until - now for s in self._of(it, now))])

    def shown_before(self, it: Guess) -> bool:
        """Tell whether this very secret was wrong before."""
        with self._turn:
            return it.shown in self._wrong

    def wrong(self, it: Guess, now: float) -> None:
        """Count a wrong secret, unless it is one that was counted before."""
        with self._turn:
            self._welcome.pop(it.shown, None)
            known = it.shown in self._wrong
            _keep(self._wrong, it.shown, REMEMBERED)
            if known:
                return
            for of, allowed in ((it.whose, self._allowed), (it.network, self._allowed * WIDER)):
                if of is not None:
                    self._count(of, allowed, now)

    def right(self, it: Guess, now: float) -> None:
        """Take note of a right secret: its login begins anew, and it is welcome while its network is watched."""
        with self._turn:
            if it.whose is not None:
                self._standings.pop(it.whose, None)
            if any(self._of(it, now)):
                _keep(self._welcome, it.shown, REMEMBERED)

    def _digest(self, *parts: str) -> bytes:
        told = "\0".join(parts).encode("utf-8", "surrogatepass")
        return blake2b(told, digest_size=16, key=self._key).digest()

    def _of(self, it: Guess, now: float) -> list[_Standing]:
        """Give what is counted against a guess, and forget what was counted long ago."""
        while self._standings and now - next(iter(self._standings.values())).last >= FORGOTTEN:
            self._standings.popitem(last=False)
        found = (self._standings.get(of) for of in (it.whose, it.network) if of is not None)
        return [s for s in found if s is not None]

    def _count(self, of: bytes, allowed: int, now: float) -> None:
        standing = self._standings.pop(of, None)
        if standing is None or now - standing.last >= FORGOTTEN:
            standing = _Standing()
        standing.count, standing.last = standing.count + 1, now
        if standing.count >= allowed:
            standing.until = now + min(LONGEST, FIRST * 2.0 ** min(standing.count - allowed, 30))
        self._standings[of] = standing
        if len(self._standings) > STANDINGS:
            self._standings.popitem(last=False)


def _keep(some: OrderedDict[bytes, None], one: bytes, most: int) -> None:
    """Remember one as the newest, and forget the oldest where they are too many."""
    some[one] = None
    some.move_to_end(one)
    if len(some) > most:
        some.popitem(last=False)
