"""When an event comes back that somebody deleted from their calendar (DESIGN section 5: dismissed).

Who deleted a copy keeps being invited; it returns when they are asked again, or when they come closer to taking part
than they were: by an invitation anew, or by an answer of their own. That others change the event brings nothing back.
"""

from __future__ import annotations

from mappings.status import ACCEPTED, DECLINED, shown

OUT, ASKED, IN = range(3)


def standing(status: int) -> int:
    """Tell how close the CRM status of a row is to taking part: not at all, asked, or in."""
    row = shown(status)
    if not row.published or row.cancelled or row.partstat == DECLINED:
        return OUT
    return IN if row.partstat == ACCEPTED else ASKED


def returns(dismissed: int, reset: int, before: int | None, now: int) -> bool:
    """Tell whether a row brings back the copy that its holder dismissed at SEQUENCE `dismissed`.

    `reset` is the SEQUENCE at which the row's answer was last asked for again; `before` and `now` are its CRM status as
    last published, None for a row that was not theirs then, and as it is.
    """
    former = OUT if before is None else standing(before)
    return standing(now) != OUT and (reset > dismissed or standing(now) > former)
