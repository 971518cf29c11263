"""Who may read an appointment (CRM: `visiblefor`, and the legacy column `private` where a row of it is missing).

The owner and the participants of a meeting read it whatever it says; a resource takes part and reads nothing. Whoever
may not read it learns when it is and whether it blocks time, as `mappings.entry.cloak` leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

PUBLIC: Final = 0
PRIVATE_USER: Final = 1
PRIVATE_GROUP: Final = 2


class Visible(NamedTuple):
    """One `visiblefor` row: forAll, forGroupId and forAssocId; 0 is nobody."""

    everyone: bool
    group: int
    associate: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: an associate, their group, and whether they are a resource."""

    associate: int
    group: int = 0
    resource: bool = False


@dataclass(frozen=True, slots=True)
class Privacy:
    """Whom an appointment is open to, beside its owner and its participants."""

    everyone: bool = False
    groups: frozenset[int] = frozenset()
    associates: frozenset[int] = frozenset()

    @property
    def private(self) -> int:
        """Give the CRM's AppointmentPrivate."""
        if self.everyone:
            return PUBLIC
        return PRIVATE_GROUP if self.groups else PRIVATE_USER


def privacy(visible: Iterable[Visible], legacy: int, group: int) -> Privacy:
    """Give whom an appointment is open to; several `visiblefor` rows open it to all whom they name.

    Without any row the legacy number decides, and `group` is the group of its owner. A number that the CRM does not
    document opens it to nobody.
    """
    rows = tuple(visible)
    if not rows:
        rows = (Visible(legacy == PUBLIC, group if legacy == PRIVATE_GROUP else 0, 0),)
    return Privacy(
        any(v.everyone for v in rows),
        frozenset(v.group for v in rows if v.group),
        frozenset(v.associate for v in rows if v.associate),
    )


def may_read(privacy: Privacy, viewer: Viewer, *, takes_part: bool) -> bool:
    """Tell whether somebody may read an appointment; `takes_part`: they own it, or have a row in it."""
    if viewer.resource:
        return False
    named = viewer.group in privacy.groups or viewer.associate in privacy.associates
    return takes_part or privacy.everyone or named
