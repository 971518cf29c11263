"""Reply x invitation x former answers x trust -> verdict (RFC 5546 2.1.5, 3.2.3).

The order of judgement is the order of `weigh`: what kind of message, for which event, by whom, for which
occurrences, saying what, how fresh; and last, whether we believe who sent it. Each message gets exactly one
verdict, for whatever it holds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from mappings import address, status, trusting
from mappings.errors import RefusedAct
from mappings.model import Answer, Invitation, Invitee, Itip, Outcome, Proofs, Proposal, Sender, Trust, Verdict
from mappings.resolving import Target, moment, targets
from mappings.trusting import ENOUGH

# How far a guest's clock may be ahead of ours before we rather believe our own (seconds).
CLOCK_SKEW: Final = 600

REPLY: Final = "REPLY"
COUNTER: Final = "COUNTER"
REFRESH: Final = "REFRESH"

# What counts as an answer under each METHOD that an attendee sends: who proposes another time does not accept this one.
SAYS: Final[dict[str, frozenset[str]]] = {
    REPLY: frozenset(status.ACT_OF),
    COUNTER: frozenset(status.ACT_OF) - {status.ACCEPTED},
    REFRESH: frozenset(),
}

# What becomes of any other METHOD for an event of ours (RFC 5546 1.4): only its organizer may send most of
# them.
METHODS: Final[dict[str, Verdict]] = {
    "REQUEST": Verdict(Outcome.REFUSED_ROLE, "only the organizer sends REQUEST"),
    "CANCEL": Verdict(Outcome.REFUSED_ROLE, "only the organizer sends CANCEL; it is not a decline"),
    "ADD": Verdict(Outcome.REFUSED_ROLE, "only the organizer sends ADD"),
    "PUBLISH": Verdict(Outcome.REFUSED_ROLE, "only the organizer sends PUBLISH"),
    "DECLINECOUNTER": Verdict(Outcome.NEEDS_HUMAN, "DECLINECOUNTER: answers a proposal that we never made"),
}

# What a PARTSTAT that is no answer is called; any other name is as little an answer (RFC 5545 3.2.12).
_SILENT: Final = {
    "": "the reply has no PARTSTAT",
    status.NEEDS_ACTION: "NEEDS-ACTION is no answer yet",
}


def weigh(
    itip: Itip,
    invitation: Invitation | None,
    answers: Sequence[Answer],
    sender: Sender,
    proofs: Proofs,
    received: int,
    enough: Collection[Trust] = ENOUGH,
) -> Verdict:
    """Judge one message, of any METHOD and content; total, and without effect.

    `answers` are all former answers of this event, the latest last; `received` is an instant; `enough` is the trust in
    which answers take effect.
    """
    refused = _kind(itip, invitation)
    if refused or invitation is None:
        return refused or _UNKNOWN
    found = _elsewhere(invitation) or _foreign(itip, invitation) or targets(itip, invitation, sender)
    if isinstance(found, Verdict):
        return found
    scale = _Scale(invitation, answers, sender, received)
    return _said(itip, found, invitation, scale, proofs, enough)


def _said(
    itip: Itip,
    found: Sequence[Target],
    invitation: Invitation,
    scale: _Scale,
    proofs: Proofs,
    enough: Collection[Trust],
) -> Verdict:
    """Judge what a message says of the rows it is for."""
    if itip.method == REFRESH:
        return Verdict(Outcome.NO_CHANGE, "REFRESH: the invitation is asked for again", again=found[0].invitee.row)
    proposals = _proposals(itip, found, invitation.sequence, scale.received)
    answered = [one for one in found if one.partstat in SAYS[itip.method]]
    if not answered and not proposals:
        said = "COUNTER proposes no other time" if itip.method == COUNTER else _silent(found[0].partstat)
        return Verdict(Outcome.NO_CHANGE, said)
    standing = [one for one in answered if not _cancelled(one)]
    if answered and not standing:
        return Verdict(Outcome.NO_CHANGE, "ANSWERED-CANCELLED: what is answered is cancelled")
    weighed = [(one, scale.weigh(one)) for one in standing]
    trust = _trust(proofs, standing or found, invitation)
    if proposals:
        return _proposed(weighed, scale, proposals, trust, enough)
    return _outcome(weighed, scale, trust, enough)


def _proposals(itip: Itip, found: Sequence[Target], sequence: int, received: int) -> tuple[Proposal, ...]:
    """Give the other times that a message proposes; none that is over, or the time that stands (N4)."""
    proposals = []
    for item in itip.items:
        one = next((target for target in found if target.item is item), None)
        stamp = item.proposed or (item.start if itip.method == COUNTER else None)
        start = moment(stamp, one.occurrence) if one and stamp else None
        if one is None or start is None or start <= received or _cancelled(one):
            continue
        stated = moment(item.end, one.occurrence) if item.end and not item.proposed else None
        end = stated if stated is not None and stated >= start else start + one.occurrence.length
        if (start, end - start) != (one.occurrence.start, one.occurrence.length):
            former = item.sequence is not None and item.sequence < sequence
            comment = item.comment.strip()
            proposals.append(Proposal(one.occurrence.key, one.invitee.row, start, end, comment, former))
    return tuple(proposals)


def _proposed(
    weighed: list[tuple[Target, Verdict | None]],
    scale: _Scale,
    proposals: tuple[Proposal, ...],
    trust: Trust,
    enough: Collection[Trust],
) -> Verdict:
    """Make one verdict of a message that proposes another time; what it answers is applied where it is fresh."""
    if weighed and all(verdict and verdict.outcome is Outcome.DUPLICATE for _, verdict in weighed):
        return Verdict(Outcome.DUPLICATE, "this proposal came before")
    answers = tuple(scale.answer(one) for one, verdict in weighed if verdict is None)
    said = ", ".join(dict.fromkeys(answer.partstat for answer in answers))
    reason = "another time is proposed" + (f", {said}" if said else "")
    reason += ", to a former version" if any(one.former for one in proposals) else ""
    if trust not in enough:
        return Verdict(Outcome.HELD, f"{reason}, but {_doubt(trust)}", trust=trust)
    return Verdict(Outcome.PROPOSAL, reason, answers, trust, proposals)


def _doubt(trust: Trust) -> str:
    return "nothing vouches for its sender" if trust is Trust.NONE else f"its sender is {trust} and no more"


def _trust(proofs: Proofs, standing: Sequence[Target], invitation: Invitation) -> Trust:
    """Give the trust in all that a message says: the least, where it is one in one row and another in the next."""
    everybody = [one for occurrence in invitation.occurrences for one in occurrence.invitees]
    found = [trusting.trust(proofs, one.invitee, _rows(one.invitee, everybody)) for one in standing]
    return max(found, key=list(Trust).index)


def _rows(invitee: Invitee, everybody: Sequence[Invitee]) -> set[int]:
    """Give the rows of one person in an event: a series has one for each occurrence."""
    return {invitee.row, *(one.row for one in everybody if one.addresses & invitee.addresses and one.answerable)}


_UNKNOWN: Final = Verdict(Outcome.REFUSED_UNKNOWN, "no event of ours has this UID")


def _kind(itip: Itip, invitation: Invitation | None) -> Verdict | None:
    if not itip.method or not itip.items:
        return Verdict(Outcome.REFUSED_UNREADABLE, "not a scheduling message: it has no METHOD or no event")
    if invitation is None:
        return _UNKNOWN
    if itip.method in SAYS:
        return None
    return METHODS.get(itip.method) or Verdict(Outcome.REFUSED_UNREADABLE, f"no METHOD of RFC 5546: {itip.method[:40]}")


def _elsewhere(invitation: Invitation) -> Verdict | None:
    if invitation.owned_externally:
        return Verdict(Outcome.REFUSED_ORGANIZER, "another calendar owns the meeting; only its organizer takes answers")
    return None


def _foreign(itip: Itip, invitation: Invitation) -> Verdict | None:
    """Refuse a reply to somebody else's event; an absent ORGANIZER is Outlook's habit and says nothing."""
    for item in itip.items:
        if item.organizer and not any(_of_ours(item.organizer, own) for own in invitation.organizers):
            return Verdict(Outcome.REFUSED_ORGANIZER, f"the reply is for an event of {item.organizer}")
    return None


def _of_ours(named: str, own: str) -> bool:
    """Tell whether an ORGANIZER is one that the event had, with or without a guest's token (RFC 5233)."""
    return address.same(named, own) or address.same(address.tagless(named), own)


def _silent(partstat: str) -> str:
    return _SILENT.get(partstat, f"{partstat[:40]} answers no invitation")


def _cancelled(one: Target) -> bool:
    return one.occurrence.cancelled or one.invitee.crm_status == status.BOOKING_DELETED


def _outcome(
    weighed: list[tuple[Target, Verdict | None]], scale: _Scale, trust: Trust, enough: Collection[Trust]
) -> Verdict:
    """Make one verdict of those of the rows: apply what is fresh, else say why nothing is."""
    fresh = [one for one, verdict in weighed if verdict is None]
    others = [verdict for _, verdict in weighed if verdict is not None]
    if not fresh:
        return min(others, key=lambda verdict: _STALENESS.index(verdict.outcome))
    applied = tuple(scale.answer(one) for one in fresh)
    said = ", ".join(dict.fromkeys(answer.partstat for answer in applied))
    reason = said if len(applied) == 1 else f"{said} for {len(applied)} occurrences"
    if trust not in enough:
        return Verdict(Outcome.HELD, f"{reason}, but {_doubt(trust)}", trust=trust)
    return Verdict(Outcome.APPLIED, reason + (", weakly verified" if trust is Trust.WEAK else ""), applied, trust)


# A message that was applied to some rows and came too late for others is, when it comes again, a duplicate.
_STALENESS: Final = (Outcome.DUPLICATE, Outcome.STALE, Outcome.NEEDS_HUMAN)


class _Scale:
    """What all rows of one message are weighed against."""

    def __init__(self, invitation: Invitation, answers: Sequence[Answer], sender: Sender, received: int) -> None:
        self._newest = invitation.sequence
        self._sender = sender
        self.received = received
        self._former: dict[tuple[int, int], list[Answer]] = {}
        for answer in answers:
            self._former.setdefault((answer.key, answer.row), []).append(answer)

    def answer(self, one: Target) -> Answer:
        """Give the answer that a target would record."""
        item = one.item
        return Answer(
            one.occurrence.key,
            one.invitee.row,
            one.partstat,
            item.sequence,
            item.dtstamp,
            self.received,
            self._sender.date,
            item.comment.strip(),
        )

    def weigh(self, one: Target) -> Verdict | None:
        """Say why a row does not take the answer; None where it does."""
        answer = self.answer(one)
        former = self._former.get((answer.key, answer.row), [])
        if any(_again(answer, old, last=old is former[-1]) for old in former):
            return Verdict(Outcome.DUPLICATE, "this answer came before")
        if _former_time(one):
            return Verdict(Outcome.STALE, f"{one.partstat}: answered the former time")
        if former and self._older(answer, former[-1]):
            return Verdict(Outcome.STALE, "a later answer of the same person is known")
        try:
            status.write(
                one.invitee.kind, status.BOOKING_FOR_DIARY, one.invitee.crm_status, status.ACT_OF[one.partstat]
            )
        except RefusedAct as error:
            return Verdict(Outcome.NEEDS_HUMAN, str(error))
        return None

    def _older(self, answer: Answer, last: Answer) -> bool:
        """Tell whether an answer comes before the same person's last one; what is unknown decides nothing."""
        for mine, other in (
            (self._revision(answer), self._revision(last)),
            (_plausible(answer.dtstamp, answer.received), _plausible(last.dtstamp, last.received)),
            (_bounded(answer.date, answer.received), _bounded(last.date, last.received)),
        ):
            if mine is not None and other is not None and mine != other:
                return mine < other
        return False

    def _revision(self, answer: Answer) -> int | None:
        # Nobody has seen a revision that we never made; taken at its word it would silence all later answers.
        return _bounded(answer.sequence, self._newest)


def _again(answer: Answer, old: Answer, *, last: bool) -> bool:
    """Tell whether an answer is an old one once more, also when it was mailed anew.

    Somebody may say the same again after having said something else: then its Date must tell, as it must
    where there is no DTSTAMP.
    """
    if _words(answer) != _words(old):
        return False
    if last and answer.dtstamp is not None:
        return True
    return answer.date == old.date and (last or answer.date is not None)


def _words(answer: Answer) -> tuple[str, str, int | None, int | None]:
    return answer.partstat, answer.comment.strip(), answer.sequence, answer.dtstamp


def _former_time(one: Target) -> bool:
    """Tell whether the answer is to a time that has since been moved (without SEQUENCE, DTSTART tells)."""
    reset, sequence = one.invitee.reset_sequence, one.item.sequence
    return sequence < reset if sequence is not None else reset > 0 and not one.current


def _plausible(dtstamp: int | None, received: int) -> int | None:
    """Give a DTSTAMP for comparison: one that lies in the future says no more than when it was received."""
    return received if dtstamp is not None and dtstamp > received + CLOCK_SKEW else dtstamp


def _bounded(value: int | None, limit: int) -> int | None:
    return None if value is None else min(value, limit)
