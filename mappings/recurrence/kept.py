"""What whoever made a series wrote of how it recurs, as it is kept beside the CRM's rule, which cannot say it.

`horizon` is until when rows were made of it; 0 where that is to its end. As JSON it can be read by a person, and what
an older version wrote lacks nothing that has no default.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields

from mappings.recurrence.fitting import Candidate


@dataclass(frozen=True, slots=True)
class Kept:
    """An RRULE with its RDATEs and EXDATEs; wall seconds on the clock of `zone`, or midnights where `all_day`."""

    rrule: str
    start: int
    zone: str
    all_day: bool = False
    rdates: tuple[int, ...] = ()
    exdates: tuple[int, ...] = ()
    horizon: int = 0

    @property
    def candidate(self) -> Candidate:
        """Give it as a rule that a series may follow."""
        return Candidate(self.rrule, self.start, self.horizon, self.rdates, self.exdates)


def to_json(kept: Kept) -> str:
    """Write it down."""
    return json.dumps(asdict(kept), separators=(",", ":"))


def from_json(text: str) -> Kept:
    """Read what was written down; what a newer version knows besides is left aside."""
    told = json.loads(text)
    known = {f.name: told[f.name] for f in fields(Kept) if f.name in told}
    dates = {name: tuple(map(int, known.get(name, ()))) for name in ("rdates", "exdates")}
    return Kept(**known | dates)
