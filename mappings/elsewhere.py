"""Meetings that another calendar owns: who takes part in them, as that calendar told the CRM (DESIGN section 5).

The CRM keeps what it was told as JSON whose shape nobody has published, so it is read tolerantly: a list of objects, or
an object with one such list, with the members and the numbers of the CRM's own ParticipantInfo, in any case of letters.
What cannot be read is passed over: the meeting is shown with whoever could be read.

CRM source: ParticipantInfo, ExternallyOwnedType and ExternallyOwnedStatus of its public API description.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from mappings import address
from mappings.drafts import Guest
from mappings.ics.writing import clean
from mappings.model import Kind, Participant, Person
from mappings.status import ACCEPTED, DECLINED, NEEDS_ACTION, OUTSIDE, TENTATIVE, UNASKED

MAX_TEXT: Final = 262_144  # characters: some thousand people
MAX_PEOPLE: Final = 500
MAX_NAME: Final = 254

# By the names of the CRM's enumerations; the place in the table is the CRM's number.
TYPES: Final[dict[str, Kind]] = {
    "unknown": Kind.BARE,
    "organizer": Kind.CHAIR,
    "required": Kind.BARE,
    "optional": Kind.OPTIONAL,
    "resource": Kind.RESOURCE,
}
STATUSES: Final[dict[str, str]] = {
    "unknown": NEEDS_ACTION,
    "tentativelyaccepted": TENTATIVE,
    "accepted": ACCEPTED,
    "declined": DECLINED,
    "notresponded": NEEDS_ACTION,
}

_NAMES: Final = ("description", "name", "fullname")


def read(text: str) -> tuple[Participant, ...]:
    """Give the participants that another calendar named, in its order and without rows of ours; total.

    Who has no usable address cannot be shown, and is left out.
    """
    entries = _entries(text)[:MAX_PEOPLE]
    return tuple(p for p in map(_participant, entries) if p.address)


def write(chair: Person, guests: Iterable[Guest]) -> str:
    """Give the CRM's text of who takes part by the word of another calendar, its organizer first; `read` reads it."""
    names = {kind: name for name, kind in reversed(TYPES.items())}
    said = {partstat: name for name, partstat in reversed(STATUSES.items())}
    entries = [_entry(chair.address, chair.name, names[Kind.CHAIR], said[ACCEPTED])]
    for guest in guests:
        if not address.same(guest.address, chair.address):
            kind = Kind.RESOURCE if guest.cutype in ("RESOURCE", "ROOM") else _BY_ROLE.get(guest.role, Kind.BARE)
            name = "required" if kind is Kind.BARE else names[kind]
            told = said.get(guest.partstat, "unknown")
            entries.append(_entry(guest.address, guest.name, name, "notresponded" if told == "unknown" else told))
    return json.dumps(entries[:MAX_PEOPLE], ensure_ascii=False)


_BY_ROLE: Final = {"OPT-PARTICIPANT": Kind.OPTIONAL, "NON-PARTICIPANT": Kind.OPTIONAL}


def _entry(mailbox: str, name: str, kind: str, answer: str) -> dict[str, object]:
    return {
        "EmailAddress": address.normalise(mailbox),
        "Description": " ".join(clean(name).split())[:MAX_NAME],
        "ExternallyOwnedType": list(TYPES).index(kind),
        "ExternallyOwnedStatus": list(STATUSES).index(answer),
    }


def organizer(named: Person | None, there: Iterable[Participant]) -> Person | None:
    """Give the organizer: whom the CRM's invitation names, else whom the other calendar calls so."""
    return named or next((Person(p.name, p.address) for p in there if p.kind is Kind.CHAIR), None)


def together(chair: str, here: Sequence[Participant], there: Iterable[Participant]) -> tuple[Participant, ...]:
    """Join those who have rows here with those who were named elsewhere, each address once; we mail none of them.

    The other calendar says who is asked for what, and chairs the meeting at the address `chair`; the row of a person
    with a diary says what they answer, because they may do so here.
    """
    named: dict[str, Participant] = {}
    for p in there:
        named.setdefault(p.address, p)
    rows = [_seated(_known(p, named.get(p.address)), chair) for p in here]
    others = named.keys() - {p.address for p in rows}
    return (*rows, *(_seated(named[who], chair) for who in sorted(others)))


def _known(p: Participant, entry: Participant | None) -> Participant:
    unmailed = replace(p, mailed=False)
    if entry is None or p.kind in UNASKED:
        return unmailed
    if p.kind in OUTSIDE:  # nobody can answer in such a row
        return replace(unmailed, kind=entry.kind, partstat=entry.partstat, rsvp=False)
    return replace(unmailed, kind=entry.kind)


def _seated(p: Participant, chair: str) -> Participant:
    return replace(p, kind=Kind.CHAIR) if p.address == chair and p.kind not in UNASKED else p


# --- reading ---------------------------------------------------------------------------------------------------------


def _entries(text: str) -> list[dict[str, Any]]:
    if len(text) > MAX_TEXT:
        return []
    try:
        content = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return []
    lists = [v for v in content.values() if isinstance(v, list)] if isinstance(content, dict) else [content]
    found = ([e for e in some if isinstance(e, dict)] for some in lists if isinstance(some, list))
    return next(filter(None, found), [])


def _participant(entry: Mapping[str, Any]) -> Participant:
    cells = {str(k).lower(): v for k, v in entry.items()}
    kind = _meaning(cells.get("externallyownedtype"), TYPES)
    partstat = _meaning(cells.get("externallyownedstatus"), STATUSES)
    mailbox = _words(cells.get("emailaddress"))
    name = next(filter(None, (_words(cells.get(n)) for n in _NAMES)), "")
    return Participant(0, kind, name[:MAX_NAME], address.mailto(mailbox), partstat)


def _words(value: object) -> str:
    return " ".join(clean(value).split()) if isinstance(value, str) else ""


def _meaning(value: object, table: Mapping[str, Any]) -> Any:
    """Look up a member of an enumeration, given by its name or its number; any other value is the first."""
    word = str(value).strip().lower() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    names = tuple(table)
    numbers = {str(number): name for number, name in enumerate(names)}
    return table[word if word in table else numbers.get(word, names[0])]
