"""An inbound message: stored first, then judged, then at most one answer applied (DESIGN journey 2)."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from gateway.errors import DatabaseBusy, TooLarge
from gateway.services import asked, delivery_reports, invitations, noting, proving, publish, telling_again
from gateway.services.house import House
from gateway.services.respond import Evidence, Unsettled, respond
from gateway.store import answers, inbox, marks, proposals
from gateway.store.inbox import Received
from gateway.store.marks import Lane
from gateway.store.unit import Connection
from gateway.store.values import written_down
from mappings import imip, weighing
from mappings.errors import RefusedAct
from mappings.imip import Mail
from mappings.model import Outcome, Proofs, Trust, Verdict

ATTEMPTS = 5
WRITES = (Outcome.APPLIED, Outcome.PROPOSAL)
SECONDS = 2.0  # how long whoever brought a message waits for its publication; the worker carries on


@dataclass(frozen=True, slots=True)
class Ended:
    """The one named outcome under which a message ended, why, and where its bytes are kept.

    `before` is the outcome of a DUPLICATE when it was received first.
    """

    outcome: Outcome
    reason: str
    inbox_id: int
    before: Outcome | None = None


def ingest(house: House, raw: bytes, *, door: str, vouched: bool) -> Ended:
    """Take in one message; raises TooLarge before storing what is larger than `max_mail_bytes`.

    The bytes are on disk before anything is judged. The same bytes again are a DUPLICATE, unless they were held and
    somebody vouches for them now.
    """
    if len(raw) > house.settings.max_mail_bytes:
        raise TooLarge(house.settings.max_mail_bytes)
    trust = Trust.VOUCHED if vouched else Trust.NONE
    with house.store.writing() as connection:
        kept = inbox.keep(connection, raw, received=house.clock.now(), door=door, trust=trust.value)
        if kept.outcome == Outcome.HELD.value and vouched:
            inbox.vouch(connection, kept.inbox_id, trust.value)
        elif kept.outcome is not None:
            before = Outcome(kept.outcome)
            return Ended(Outcome.DUPLICATE, f"received before: {kept.outcome}", kept.inbox_id, before)
    return finish(house, kept.inbox_id)


def finish(house: House, inbox_id: int) -> Ended:
    """Judge a stored message and apply what is to be applied, in one transaction; then publish what it changed."""
    mail, proofs = _read(house, inbox_id)
    for _ in range(ATTEMPTS):
        catch_up(house)  # what the CRM has moved in the meantime decides which answers come too late
        try:
            ended = _once(house, inbox_id, mail, proofs)
        except Unsettled:
            continue
        if ended.outcome in WRITES:
            catch_up(house)
        return ended
    raise DatabaseBusy("The CRM keeps changing the rows that this message answers.")


def catch_up(house: House) -> None:
    """Publish what the CRM has written, as far as whoever brings a message can wait for it."""
    if marks.marked(house.store, Lane.NOW):
        with suppress(DatabaseBusy):  # the marks stay: the next reader or the worker publishes
            publish.catch_up(house, seconds=SECONDS, wait=SECONDS)


def _once(house: House, inbox_id: int, mail: Mail, proofs: Proofs) -> Ended:
    with house.store.writing() as connection:
        kept = inbox.lock(connection, inbox_id)
        assert kept is not None
        if kept.outcome is not None:  # another process was quicker
            return Ended(Outcome(kept.outcome), "judged meanwhile", inbox_id)
        return _judge(house, connection, kept, mail, proofs)


def _read(house: House, inbox_id: int) -> tuple[Mail, Proofs]:
    """Give a stored message, and what is known of its sender.

    The attempt is counted before reading, so that a message that kills us is not read for ever.
    """
    with house.store.writing() as connection:
        inbox.attempted(connection, inbox_id)
        kept = inbox.lock(connection, inbox_id)
    assert kept is not None
    mail = imip.from_bytes(kept.raw)
    return mail, proving.proofs(house, mail, kept.raw, vouched=kept.trust == Trust.VOUCHED.value)


def _judge(house: House, connection: Connection, kept: Received, mail: Mail, proofs: Proofs) -> Ended:
    verdict = delivery_reports.report(house, connection, mail) or imip.unanswered(mail)
    event_id: int | None = None
    if kept.attempts > ATTEMPTS:
        verdict = Verdict(Outcome.NEEDS_HUMAN, f"given up after {ATTEMPTS} attempts")
    if verdict is None:
        verdict, event_id = _weigh(house, connection, kept, mail, proofs)
    noting.note(house, connection, verdict, mail, event_id, rejected=proofs.rejected)
    evidence = {"message_id": mail.sender.message_id[:255], "verdict": written_down(verdict), "event_id": event_id}
    inbox.judged(
        connection, kept.inbox_id, verdict.outcome.value, verdict.reason, judged_at=house.clock.now(), **evidence
    )
    return Ended(verdict.outcome, verdict.reason, kept.inbox_id)


def _weigh(
    house: House, connection: Connection, kept: Received, mail: Mail, proofs: Proofs
) -> tuple[Verdict, int | None]:
    verdict, known = weighed(house, connection, mail, proofs, kept.received)
    if isinstance(known, asked.Found):
        if verdict.outcome is Outcome.APPLIED:
            verdict = asked.follow(house, connection, kept.raw, known, verdict)
        return verdict, None
    if known is None:
        return verdict, None
    if known.unseen_move and not known.stuck:
        raise Unsettled
    if verdict.again:
        telling_again.refresh(house, connection, known.event_id, verdict.again)
    if verdict.outcome in WRITES:
        verdict = _apply(house, connection, known, verdict, Evidence(kept.door, verdict.trust.value, kept.inbox_id))
    return verdict, known.event_id


def weighed(
    house: House, connection: Connection, mail: Mail, proofs: Proofs, received: int
) -> tuple[Verdict, invitations.Known | asked.Found | None]:
    """Judge the one scheduling message of a mail by what is known of its event, and give both; nothing is written."""
    itip, sender = mail.messages[0], mail.sender
    enough = {Trust.VOUCHED, *map(Trust, house.settings.mail_trust)}
    known = invitations.find(house, connection, itip, sender)
    elsewhere = known is not None and known.invitation.owned_externally
    if (known is None or elsewhere) and asked.concerns(house, connection, itip, ours=elsewhere):
        return asked.weighed(house, connection, itip, proofs, enough)
    if known is None:
        return weighing.weigh(itip, None, (), sender, proofs, received, enough), None
    former = answers.former(connection, known.event_id, known.rows)
    proofs = proving.with_token(house, proofs, mail, known.invitation.uid, known.rows.values())
    verdict = weighing.weigh(itip, known.invitation, former, sender, proofs, received, enough)
    if verdict.outcome in WRITES and known.stuck:
        verdict = Verdict(Outcome.NEEDS_HUMAN, "the CRM has moved the meeting, and it cannot be published as it is")
    return verdict, known


def _apply(
    house: House, connection: Connection, known: invitations.Known, verdict: Verdict, evidence: Evidence
) -> Verdict:
    try:
        with connection.begin_nested():
            respond(house, connection, known.event_id, verdict.answers, known.rows, known.resets, evidence)
            proposals.keep(
                connection, known.event_id, verdict.proposals, received=house.clock.now(), inbox_id=evidence.inbox_id
            )
    except RefusedAct as refused:
        return Verdict(Outcome.NO_CHANGE, f"{refused.act} is not allowed here: {refused.rule}")
    return verdict
