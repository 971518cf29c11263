"""Take note that somebody declined: the owner is not told of it again."""

from __future__ import annotations

from gateway.services.house import House
from gateway.services.verbs import acting
from gateway.services.verbs.acting import Done
from gateway.services.verbs.answering import DOOR
from gateway.store import answers, published
from mappings.errors import NotWhole
from mappings.model import Answer, Trust
from mappings.status import DECLINED, Act


def note(house: House, login: str, appointment: int) -> Done:
    """Let the owner take note of a declined invitation, or the assigner of a declined assignment (CRM: AcceptRejected).

    The row stays as it is; that its decline was noted is kept beside it. Raises UnknownPerson, NotFound, RefusedAct
    where nobody has declined, and NotWhole while the row is not published.
    """
    acting.published(house)
    with acting.at(house, login, appointment, Act.NOTE) as desk:
        written = desk.allow(Act.NOTE)
        connection, row, now = desk.connection, desk.row, desk.author.now
        if answers.noted(connection, row.row):
            return desk.done(written, changed=False)
        if answers.note(connection, row.row, now):
            return desk.done(written, changed=True)
        seen = published.members(connection, [row.row]).get(row.row)
        if seen is None:
            raise NotWhole(f"appointment {row.row} is not published yet")
        # The CRM declined by itself: what it wrote is the answer that was noted.
        declined = Answer(seen.key, row.row, DECLINED, None, None, now)
        answers.record(connection, seen.event_id, [(declined, written, seen.reset_sequence)], now=now, door=DOOR,
                       trust=Trust.VOUCHED.value, acknowledged_at=now)  # fmt: skip
        return desk.done(written, changed=True)
