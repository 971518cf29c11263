"""How far a message is trusted: what is known of its sender, against whom it speaks for (itip-imip 3.3).

The table of proofs is in the order of `Trust`: the first that holds for the invitee is the trust. That a mail *says*
who it is from proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from mappings import address
from mappings.authentication import Result, aligned, domain
from mappings.model import Invitee, Proofs, Trust


@dataclass(frozen=True, slots=True)
class Senders:
    """Who a mail says it is from: its author (From), Reply-To and Sender; normalised, empty where there is not one."""

    author: str = ""
    reply_to: str = ""
    sender: str = ""


GOOGLE: Final = "google.com"
GOOGLE_SENDER: Final = "calendar-notification@google.com"

# Which trust is enough for an answer to take effect, unless a deployment wants more.
ENOUGH: Final = frozenset(Trust) - {Trust.NONE}


def _is(mailbox: str, invitee: Invitee) -> bool:
    return bool(mailbox) and any(address.same(mailbox, own) for own in invitee.addresses)


PROOFS: Final[dict[Trust, Callable[[Proofs, Invitee, Collection[int]], bool]]] = {
    Trust.VOUCHED: lambda p, _, __: p.vouched,
    Trust.TOKEN: lambda p, _, rows: p.token in rows,
    Trust.INSIDE: lambda p, who, _: _is(p.inside, who),
    Trust.ALIGNED: lambda p, who, _: _is(p.aligned, who),
    Trust.ON_BEHALF: lambda p, who, _: _is(p.behalf, who),
    Trust.WEAK: lambda p, who, _: _is(p.weak, who) and not p.rejected,
}


def trust(proofs: Proofs, invitee: Invitee, rows: Collection[int]) -> Trust:
    """Give how sure it is that a message comes from an invitee, whose rows in the event are `rows`."""
    return next((one for one, holds in PROOFS.items() if holds(proofs, invitee, rows)), Trust.NONE)


def from_results(results: Sequence[Result], senders: Senders) -> Proofs:
    """Give what our own server's results prove of a mail's senders."""
    author = domain(senders.author)
    passed = [one for one in results if one.result == "pass"]
    signed = {one.properties.get("header.d", "") or _after_at(one.properties.get("header.i", "")) for one in passed
              if one.method == "dkim"}  # fmt: skip
    dmarc = next((one for one in results if one.method == "dmarc"), None)
    named = not dmarc or dmarc.properties.get("header.from", author) == author
    mailed = {_after_at(one.properties.get("smtp.mailfrom", "")) for one in passed if one.method == "spf"}
    logins = [one.properties.get("smtp.auth", "") for one in passed if one.method == "auth"]
    return Proofs(
        inside=senders.author if any(_login(one, senders.author) for one in logins) else "",
        aligned=senders.author if dmarc and dmarc.result == "pass" and named else "",
        behalf=_behalf(senders, signed),
        weak=senders.author if _weak(dmarc) and any(aligned(d, author) for d in signed | mailed) else "",
        rejected=dmarc is not None and dmarc.result == "fail" and dmarc.properties.get("policy.p") == "reject",
    )


def from_signatures(signed: Collection[str], policies: Collection[str], senders: Senders) -> Proofs:
    """Give what signatures that we verified ourselves prove: `signed` are their domains.

    `policies` are the DMARC policies of the author's domain and of those above it, none where there is no record.
    """
    good = senders.author if any(aligned(d, domain(senders.author)) for d in signed) else ""
    return Proofs(
        aligned=good if policies else "",
        behalf=_behalf(senders, signed),
        weak="" if policies else good,
        rejected=not good and "reject" in policies,
    )


def _behalf(senders: Senders, signed: Collection[str]) -> str:
    """Give for whom Google's calendar has sent a mail; its own signature says that it was Google."""
    if GOOGLE not in signed or GOOGLE_SENDER not in (senders.sender, senders.author):
        return ""
    return senders.reply_to or (senders.author if senders.author != GOOGLE_SENDER else "")


def _weak(dmarc: Result | None) -> bool:
    return dmarc is None or dmarc.result == "none"


def _login(login: str, author: str) -> bool:
    """Tell whether who logged in to our server is the author: by the whole address, or by what stands before its @."""
    return bool(login) and (address.same(login, author) or ("@" not in login and login == author.partition("@")[0]))


def _after_at(value: str) -> str:
    return value.rpartition("@")[2]
