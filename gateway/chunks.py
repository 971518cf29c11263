"""Keys cut into pieces that fit one statement."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

CHUNK = 500


def chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    """Cut keys, each once and in order, into pieces of at most CHUNK, so that no statement grows without bound."""
    some = sorted(set(keys))
    for start in range(0, len(some), CHUNK):
        yield some[start : start + CHUNK]
