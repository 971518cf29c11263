"""The parts of an event as they are written: the form that readers see, and the cloaked one that all others see.

Each form changes when what it shows does. What changes beneath a cloak leaves the cloaked form as it is, its SEQUENCE
and its stamps too, so that nobody learns from it that something did (DESIGN section 5: privacy).
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.store.published import Draft, Stored
from gateway.store.values import keep
from mappings import roles
from mappings.ics import writing
from mappings.model import Header, Instance


def write_parts(draft: Draft, stored: Stored, header: Header, now: tuple[Instance, ...]) -> tuple[bool, bool]:
    """Note every part that differs; tells whether any does, and whether any does in its cloaked form."""
    afresh = header.sequence != stored.sequence or stored.stale
    wanted = {i.key: i for i in now}
    gone = [k for k in stored.parts if k not in wanted]
    for key in gone:
        draft.add("part_gone", b_event_id=stored.event_id, b_key=key)
    written = [i for i in now if afresh or stored.parts.get(i.key) != i]
    outside = bool(gone)
    for it in written:
        before = stored.parts.get(it.key)
        cloak = stored.stale or before is None or not writing.cloaked_alike(before, it)
        write_part(draft, stored.event_id, header, it, cloak=cloak)
        outside |= cloak
    return bool(gone or written), outside


def write_part(draft: Draft, event_id: int, header: Header, it: Instance, *, cloak: bool = True) -> None:
    """Note one rendered part; without `cloak` its cloaked form stays as it is."""
    told = {
        "value": keep(it),
        "body": writing.component(header, it),
        "status": it.status,
        "zone": " ".join(sorted(writing.zones(it))),
        "private": _private(it),
    }
    if cloak:
        draft.add("part", event_id=event_id, key=it.key, busy=writing.busy(header, it), **told)
    else:
        draft.add("words", b_event_id=event_id, b_key=it.key, **told)


def sealed(parts: Iterable[Instance]) -> bool:
    """Tell whether a cloaked copy shows nothing but cloaks: it does not follow what changes beneath them."""
    return all(map(_private, parts))


def _private(it: Instance) -> bool:
    return it.classification != roles.PUBLIC
