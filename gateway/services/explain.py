"""What a message would do, and why; nothing of it is kept, and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import TooLarge
from gateway.services import ingest, proving
from gateway.services.house import House
from gateway.services.invitations import Known
from mappings import imip, status
from mappings.errors import RefusedAct
from mappings.imip import Mail
from mappings.model import Answer, Outcome, Proofs, Trust, Verdict
from mappings.status import ACT_OF


@dataclass(frozen=True, slots=True)
class Would:
    """One answer that a message would leave: of which appointment, whose, saying what, and the (type, status) then.

    `occurrence` is the wall time at which an occurrence of a series was planned, 0 for what happens once; `rule` tells
    why the row would not take it.
    """

    appointment: int
    name: str
    title: str
    occurrence: int
    partstat: str
    comment: str
    type: int
    status: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Explained:
    """What would become of a message: its outcome and reason, who it came from, what it says, and what was mended.

    `believed` is the outcome if somebody vouched for it, where it is another.
    """

    outcome: Outcome
    reason: str
    believed: Outcome | None
    trust: Trust
    sender: tuple[str, ...]
    method: str
    uid: str
    event: int
    answers: tuple[Would, ...]
    mended: tuple[str, ...]


def explain(house: House, raw: bytes, *, vouched: bool) -> Explained:
    """Judge a message as `ingest` would at this moment; raises TooLarge beyond `max_mail_bytes`."""
    if len(raw) > house.settings.max_mail_bytes:
        raise TooLarge(house.settings.max_mail_bytes)
    mail = imip.from_bytes(raw)
    refused = imip.unanswered(mail)
    if refused is not None:
        return _explained(mail, refused, refused, None)
    ingest.catch_up(house)
    proofs, now = proving.proofs(house, mail, raw, vouched=vouched), house.clock.now()
    with house.store.reading() as connection:
        believed, known = ingest.weighed(house, connection, mail, Proofs(vouched=True), now)
        verdict = ingest.weighed(house, connection, mail, proofs, now)[0]
    return _explained(mail, verdict, believed, known if isinstance(known, Known) else None)


def _explained(mail: Mail, verdict: Verdict, believed: Verdict, known: Known | None) -> Explained:
    itip = mail.messages[0] if mail.messages else None
    return Explained(
        verdict.outcome,
        verdict.reason,
        believed.outcome if believed.outcome is not verdict.outcome else None,
        verdict.trust,
        mail.sender.addresses,
        itip.method if itip else "",
        itip.uid if itip else "",
        known.event_id if known else 0,
        tuple(_would(known, answer) for answer in believed.answers) if known else (),
        itip.damage if itip else (),
    )


def _would(known: Known, answer: Answer) -> Would:
    row = known.rows[answer.row]
    becomes, rule = (row.type, row.status), ""
    try:
        written = status.write(row.kind, row.type, row.status, ACT_OF[answer.partstat])
        becomes = (written.type, written.status)
    except RefusedAct as refused:
        rule = refused.rule
    title = row.summary or ""
    return Would(row.row, row.name, title, answer.key, answer.partstat, answer.comment, *becomes, rule)
