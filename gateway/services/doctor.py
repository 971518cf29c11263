"""What an administrator should know: what waits, what was set aside, what is owed (`partstat doctor`)."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.crm import lists
from gateway.errors import SchemaOutOfDate, SettingsError
from gateway.services import moving_in
from gateway.services.house import House
from gateway.store import adopting, announcing, answers, inbox, marks, quarantined
from gateway.store.marks import Lane
from mappings import crm_zones


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the doctor saw: `level` is ``ok``, ``note`` or ``problem``."""

    level: str
    what: str
    detail: str


def examine(house: House) -> list[Finding]:
    """Examine the house and tell what was found, the sound parts too."""
    found = [_schema(house)]
    if found[0].level == "problem":
        return found
    now = house.clock.now()
    settle = house.settings.settle_seconds
    with house.store.writing() as connection:
        found += [_lane(marks.pending(connection, lane), lane) for lane in (Lane.NOW, Lane.LATER)]
        found += [
            Finding("problem", "incomplete", f"{m.source} {m.ref} has waited {now - since} s for the rest of its rows")
            for m, since in marks.unsettled(connection, now - settle)
        ]
        found += [
            Finding("problem", "quarantine", f"{kind} {key} since {now - since} s: {reason}")
            for kind, key, reason, since in quarantined.listed(connection)
        ]
        found += [
            Finding("problem", "lost answer", f"{lost.partstat} of appointment {lost.row} was written over unread: "
                    f"`partstat reapply {lost.row}` answers so again")
            for lost in answers.lost(connection)
        ]  # fmt: skip
        found += [
            Finding("problem", "time zone", f"location {code!r} is not known: its appointments are on the base clock")
            for code in lists.locations(connection)
            if not crm_zones.known(code)
        ]
        found.append(_adoption(adopting.left(connection)))
        found.append(_counted("inbox", inbox.outcomes(connection)))
        found.append(_counted("outbox", announcing.owed(connection)))
    return found


def _schema(house: House) -> Finding:
    try:
        moving_in.check(house)
    except (SchemaOutOfDate, SettingsError) as error:
        return Finding("problem", "schema", str(error))
    return Finding("ok", "schema", "of this version, every trigger in place")


def _lane(count: int, lane: Lane) -> Finding:
    return Finding("note" if count else "ok", f"marks ({lane.name.lower()})", f"{count} to be published")


def _adoption(left: int) -> Finding:
    return Finding(
        "note" if left else "ok", "adoption", f"{left} calendars still to be adopted" if left else "complete"
    )


def _counted(what: str, counts: dict[str, int]) -> Finding:
    said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    waiting = sum(counts.get(name, 0) for name in ("received", "HELD", "NEEDS-HUMAN"))
    stuck = sum(counts.get(name, 0) for name in ("stopped", "dead"))
    return Finding("problem" if stuck else "note" if waiting else "ok", what, said or "empty")
