"""Which instances a copy shows, as one column tells it: all, some by their keys, or a series without some of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

# What stands before the key of an occurrence that its holder does not take part in.
NOT: Final = "!"


class Shows(NamedTuple):
    """The keys of the components that a copy shows (none: all), and of the occurrences that are not its holder's."""

    some: frozenset[int] = frozenset()
    without: frozenset[int] = frozenset()

    def component(self, key: int) -> bool:
        """Tell whether a copy has the component of an instance key; 0 is that of the series."""
        return not self.some or key in self.some

    def occurrence(self, key: int) -> bool:
        """Tell whether an occurrence is one of the copy's, whichever component speaks for it."""
        return not self.some or key in self.some or (0 in self.some and key not in self.without)


@lru_cache(maxsize=4_096)
def read(column: str) -> Shows:
    """Read what a copy shows."""
    if not column:
        return Shows()
    words = column.split()
    some = frozenset(int(w) for w in words if not w.startswith(NOT))
    return Shows(some, frozenset(int(w[1:]) for w in words if w.startswith(NOT)))


def write(some: Iterable[int], without: Iterable[int] = ()) -> str:
    """Write what a copy shows; keys in order, so that the same is written alike."""
    return " ".join([*map(str, sorted(some)), *(f"{NOT}{key}" for key in sorted(without))])
