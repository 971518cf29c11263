"""What is known of how series recur, besides their rows: the CRM's rule, what was written, and what they go on from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.crm import recurrences
from gateway.store import published, written_rules
from gateway.store.published import Seen, Stored
from gateway.store.unit import Connection
from mappings.recurrence import kept
from mappings.rows import Row
from mappings.series import Recurrence

Key = tuple[str, int]  # ("rule", recurrenceRuleId) or ("mother", mother_id or appointment_id)


def known(
    connection: Connection,
    base: str,
    groups: Mapping[Key, Sequence[Row]],
    events: Mapping[Key, Stored],
    before: Mapping[int, Seen],
) -> dict[Key, Recurrence]:
    """Give what is known of each of some events; `before` are their rows as they were last published.

    `base` is the CRM's base zone. What happens once has nothing to be known.
    """
    numbers = {number for kind, number in groups if kind == "rule"}
    if not numbers:
        return dict.fromkeys(groups, Recurrence())
    rules = recurrences.of_numbers(connection, numbers)
    written = {n: kept.from_json(text) for n, text in written_rules.of_rules(connection, numbers).items()}
    related = _related(connection, groups, events, before)
    found: dict[Key, Recurrence] = {}
    for key in groups:
        if key[0] != "rule":
            found[key] = Recurrence()
            continue
        own = written.get(key[1])
        found[key] = Recurrence(
            base,
            rules.get(key[1]),
            own.candidate if own else None,
            own.zone if own else "",
            dated=bool(own and own.all_day),
            related=events[key].related if key in events else related.get(key, ""),
        )
    return found


def _related(
    connection: Connection,
    groups: Mapping[Key, Sequence[Row]],
    events: Mapping[Key, Stored],
    before: Mapping[int, Seen],
) -> dict[Key, str]:
    """Give the UID of the series that a new one goes on from: some of its occurrences were published as its."""
    former: dict[Key, set[int]] = {}
    for key, rows in groups.items():
        if key[0] == "rule" and key not in events:
            former[key] = {before[r.row].event_id for r in rows if r.row in before}
    old = published.events(connection, ids={event_id for some in former.values() for event_id in some})
    uids = {key: [old[e].uid for e in sorted(some) if e in old and old[e].rule_id] for key, some in former.items()}
    return {key: found[0] for key, found in uids.items() if found}
