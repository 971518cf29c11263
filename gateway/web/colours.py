"""The colour a calendar suggests for itself: always the same one for the same person (RFC 7986 5.9)."""

from __future__ import annotations

from typing import Final

# CSS3's name, for iCalendar, and the same as Apple's property wants it.
COLOURS: Final[tuple[tuple[str, str], ...]] = (
    ("steelblue", "#4682B4FF"),
    ("seagreen", "#2E8B57FF"),
    ("chocolate", "#D2691EFF"),
    ("mediumpurple", "#9370DBFF"),
    ("crimson", "#DC143CFF"),
    ("darkcyan", "#008B8BFF"),
    ("goldenrod", "#DAA520FF"),
    ("slategray", "#708090FF"),
    ("olivedrab", "#6B8E23FF"),
    ("palevioletred", "#DB7093FF"),
)


def name(associate_id: int) -> str:
    """Give the CSS3 name of an associate's colour."""
    return COLOURS[associate_id % len(COLOURS)][0]


def code(associate_id: int) -> str:
    """Give the same colour as ``#RRGGBBAA``."""
    return COLOURS[associate_id % len(COLOURS)][1]
