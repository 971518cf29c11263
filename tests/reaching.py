"""A plain model of what an act on a series leaves of its rows, to hold the verbs against.

It knows nothing of desks, locks and statements: it takes all rows of the CRM as they were, who acts on which row, and
gives what they must be; None where the act is refused. The life of a single row is `mappings.status`, which has tables
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mappings import status
from mappings.errors import RefusedAct
from mappings.model import Kind
from mappings.reach import Reach
from mappings.status import MAY, OUTSIDE, TODO_TYPES, Act, By
from tests.seed import ROOM

Rows = Mapping[int, dict[str, Any]]
GONE: Final = None
ASKING: Final = frozenset({Act.SEEN, Act.ACCEPT, Act.DECLINE, Act.TENTATIVE, Act.INVITE})
# What the model says of a row; all else is the business of other tests.
SAID: Final = ("type", "status", "do_by", "endDate", "original_start_date", "recurrenceRuleId")


def kind(row: dict[str, Any]) -> Kind:
    if row["mother_id"] in {0, row["appointment_id"]}:
        return Kind.OWNER
    if row["associate_id"]:
        return Kind.ROOM if row["associate_id"] == ROOM else Kind.ASSOCIATE
    return Kind.EXTERNAL if row["invitedPersonId"] else Kind.BARE


@dataclass
class Occurrence:
    """All rows of one occurrence: `lead` is the mother, the plain row, or None where only the told are left."""

    number: int
    rows: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lead(self) -> dict[str, Any] | None:
        return next((r for r in self.rows if r["appointment_id"] == self.number), None)

    @property
    def first(self) -> dict[str, Any]:
        return self.lead or self.rows[0]

    @property
    def planned(self) -> int:
        return int(self.first["original_start_date"] or self.first["do_by"])

    @property
    def following(self) -> list[dict[str, Any]]:
        others = [r for r in self.rows if r is not self.lead]
        return [r for r in others if kind(r) is not Kind.ASSOCIATE or r["status"] != 10]

    def over(self, now: int) -> bool:
        it = self.first
        return it["type"] not in TODO_TYPES and max(it["do_by"], it["endDate"]) <= now


@dataclass
class Scene:
    """Who acts on which row of which series, and when; `addresses` are those of who has nothing else, by row."""

    before: Rows
    actor: int
    row: int
    reach: Reach
    now: int
    addresses: Mapping[int, str]

    def __post_init__(self) -> None:
        self.named = self.before[self.row]
        rule = self.named["recurrenceRuleId"]
        if not rule:
            self.reach = Reach.ONLY_THIS
        rows = [r for _, r in sorted(self.before.items())]
        own = {
            r["appointment_id"] for r in rows if r["recurrenceRuleId"] == rule and r["mother_id"] == r["appointment_id"]
        }
        found: dict[int, Occurrence] = {}
        event = self.named["mother_id"] or self.row
        for r in rows:
            number = r["mother_id"] or r["appointment_id"]
            if (rule and (r["recurrenceRuleId"] == rule or number in own)) or (not rule and number == event):
                found.setdefault(number, Occurrence(number)).rows.append(r)
        self.series = sorted(found.values(), key=lambda o: (o.planned, o.number))
        self.here = found[event]
        place = self.series.index(self.here)
        self.reached = {
            Reach.ONLY_THIS: [self.here],
            Reach.THIS_AND_FORWARD: self.series[place:],
            Reach.STOP: self.series[place + 1 :],
            Reach.SERIES: self.series,
        }[self.reach]

    def mine(self, it: Occurrence) -> dict[str, Any] | None:
        """Give the row at an occurrence that is of the same person as the one that was named."""
        if it is self.here:
            return self.named
        who = self._who(self.named)
        same = [r for r in it.rows if self._who(r) == who]
        return min(same, key=lambda r: (r["status"] == 10, r["appointment_id"]), default=None)

    def _who(self, r: dict[str, Any]) -> tuple[object, ...]:
        if r["associate_id"]:
            return "associate", r["associate_id"]
        if r["invitedPersonId"]:
            return "person", r["invitedPersonId"]
        return "address", self.addresses.get(r["appointment_id"])

    def asks(self, it: Occurrence) -> bool:
        return self.reach is Reach.ONLY_THIS or not it.over(self.now) or (
            it is self.here and self.reach is Reach.THIS_AND_FORWARD
        )  # fmt: skip

    def allowed(self, act: Act) -> list[Occurrence]:
        """Give the occurrences in reach at which the life of the rows allows the act."""
        return [o for o in self.reached if (act not in ASKING or self.asks(o)) and self._may(o, act)]

    def _may(self, it: Occurrence, act: Act) -> bool:
        lead = it.lead
        if MAY[act] is By.OWNER:
            if lead is None or lead["associate_id"] != self.actor:
                return False
            rows = it.rows if act in (Act.MOVE, Act.CANCEL) else [lead]
        else:
            own = self.mine(it)
            if own is None:
                return False
            holder = (lead or {}).get("associate_id") if kind(own) in OUTSIDE else own["associate_id"]
            if holder != self.actor:
                return False
            rows = [own]
        return all(_becomes(r, act) is not None for r in rows)


def _becomes(r: dict[str, Any], act: Act) -> tuple[int, int, bool] | None:
    try:
        written = status.write(kind(r), r["type"], r["status"], act)
    except RefusedAct:
        return None
    return written.type, written.status, written.gone


Expected = dict[int, dict[str, int] | None]


def _said(r: dict[str, Any]) -> dict[str, int]:
    return {name: r[name] for name in SAID}


def said(rows: Rows) -> Expected:
    """Give what the model speaks of, of all rows."""
    return {number: _said(r) for number, r in rows.items()}


def _lived(expected: Expected, r: dict[str, Any], act: Act) -> None:
    after = _becomes(r, act)
    assert after is not None
    row = expected[r["appointment_id"]]
    assert row is not None
    row["type"], row["status"] = after[:2]
    if after[2]:
        expected[r["appointment_id"]] = GONE


def answered(scene: Scene, act: Act) -> Expected | None:
    """Say what an answer, a look or an acknowledgement leaves."""
    some = scene.allowed(act)
    expected = said(scene.before)
    for it in some:
        own = scene.mine(it)
        assert own is not None
        _lived(expected, own, act)
    return expected if some else None


def cancelled(scene: Scene) -> Expected | None:
    """Say what a cancellation leaves, or a stop."""
    expected = said(scene.before)
    stop = scene.reach is Reach.STOP
    if stop and not scene._may(scene.here, Act.CANCEL) and not _own(scene):
        return None
    some = scene.allowed(Act.CANCEL)
    for it in some:
        for r in it.rows:
            _lived(expected, r, Act.CANCEL)
    left = [o for o in scene.series if o not in some and o.lead]
    if stop and left == [scene.here]:
        for r in [scene.here.first, *scene.here.following]:
            row = expected[r["appointment_id"]]
            assert row is not None
            row["recurrenceRuleId"] = row["original_start_date"] = 0
    return expected if some or stop else None


def _own(scene: Scene) -> bool:
    """Tell whether the one who stops a series owns the occurrence at which it stops, and may cancel that one."""
    lead = scene.here.lead
    return lead is not None and lead["associate_id"] == scene.actor and _becomes(lead, Act.CANCEL) is not None


def moved(scene: Scene, start: int, end: int) -> Expected | None:
    """Say what a move leaves; a rule of its own is told as -1."""
    some = scene.allowed(Act.MOVE)
    if not some:
        return None
    here = scene.here.first
    expected = said(scene.before)
    if (here["do_by"], here["endDate"]) == (start, end):
        return expected
    for it in some:
        times = _shifted(scene, it, start, end)
        over = it.first["type"] not in TODO_TYPES and max(times.get("do_by", 0), times.get("endDate", 0)) <= scene.now
        single = scene.reach is Reach.ONLY_THIS
        for r in [it.first, *it.following]:
            row = expected[r["appointment_id"]]
            assert row is not None
            row |= times
            if r is not it.first and "do_by" in times and (single or not over):
                _lived(expected, r, Act.MOVE)
    _parted(scene, expected)
    return expected


def _shifted(scene: Scene, it: Occurrence, start: int, end: int) -> dict[str, int]:
    """Say when an occurrence is, where the one that was named is moved."""
    here, first = scene.here.first, it.first
    original, begins = first["original_start_date"], first["do_by"]
    by = start - here["do_by"]
    if scene.reach is Reach.ONLY_THIS:
        planned = {"original_start_date": original or begins} if here["recurrenceRuleId"] else {}
        return {"do_by": start, "endDate": end} | planned
    moved_before = original not in {0, begins}
    planned = {"original_start_date": original + by} if original else {}
    if it is scene.here:
        return {"do_by": start, "endDate": end} | planned
    if moved_before:
        return planned
    longer = (end - start) - max(0, here["endDate"] - here["do_by"])
    length = max(0, first["endDate"] - begins) + longer
    return {"do_by": begins + by, "endDate": begins + by + max(0, length)} | planned


def _parted(scene: Scene, expected: Expected) -> None:
    """Tell a rule of its own as -1."""
    if scene.reach is Reach.THIS_AND_FORWARD and any(o.lead for o in scene.series if o not in scene.reached):
        for it in scene.reached:
            for r in [it.first, *it.following] if it.lead else []:
                row = expected[r["appointment_id"]]
                assert row is not None
                row["recurrenceRuleId"] = -1


def untouched(scene: Scene) -> Callable[[Rows], bool]:
    """Give what tells whether an act has left alone every row that is not in its reach."""
    inside = {r["appointment_id"] for o in scene.reached for r in o.rows}
    return lambda after: all(after.get(n) == r for n, r in scene.before.items() if n not in inside)
