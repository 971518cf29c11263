"""What is known of who sent a message: our own mail server's word, else signatures that we verify (itip-imip 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from importlib.util import find_spec
from typing import Any, Final

import structlog

from gateway.services.house import House
from mappings import authentication, plus_address, trusting
from mappings.imip import Mail
from mappings.model import Proofs
from mappings.projection import Row

SIGNATURES: Final = 5  # of a mail that are verified
ABOVE: Final = 4  # domains above the author's that are asked for a policy: each may cost seconds
EXCHANGE: Final = "x-ms-exchange-organization-authas"

log = structlog.get_logger("partstat.proving")

Lookup = Callable[[str], list[bytes]]  # the TXT records of a name


def proofs(house: House, mail: Mail, raw: bytes, *, vouched: bool) -> Proofs:
    """Give what is known of a message's sender; asks the DNS where that is wanted, so never inside a transaction."""
    if vouched:
        return Proofs(vouched=True)
    senders = mail.senders
    settings = house.settings
    results = authentication.results(mail.head, settings.mail_authserv_id, settings.mail_own_hops)
    if results:
        found = trusting.from_results(results, senders)
    elif settings.mail_dkim and senders.author:
        signed = _signed(raw, house.dns)
        policies = _policies(authentication.domain(senders.author), house.dns)
        found = trusting.from_signatures(signed, policies, senders)
    else:
        found = Proofs()
    if settings.mail_exchange and [v.lower() for n, v in mail.head if n == EXCHANGE] == ["internal"]:
        found = replace(found, inside=senders.author)
    return found


def with_token(house: House, found: Proofs, mail: Mail, uid: str, rows: Collection[Row]) -> Proofs:
    """Add the row whose token a message came under, if it is one of this event."""
    by_row = {row.row: row for row in rows}
    for token in plus_address.tokens_in(mail.delivered, house.settings.mail_address):
        row = by_row.get(token.row)
        if row and plus_address.proved(house.key, plus_address.MAIL, uid, token, row.associate):
            return replace(found, token=row.row)
    return found


def _signed(raw: bytes, lookup: Lookup) -> set[str]:
    """Give the domains whose signatures on a mail are good (RFC 6376)."""
    if find_spec("dkim") is None:
        log.warning("DKIM is not verified: dkimpy is not installed")
        return set()
    import dkim  # noqa: PLC0415 - from the extra `mail`

    try:
        verifier = dkim.DKIM(raw, minkey=1024)
    except dkim.DKIMException as error:  # more particular about a head than we are
        log.info("signatures not read", error=type(error).__name__)
        return set()
    count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
    return {domain for number in range(min(count, SIGNATURES)) if (domain := _verified(verifier, number, lookup))}


def _verified(verifier: Any, number: int, lookup: Lookup) -> str:
    """Give the domain of one signature that is good and covers the author; empty for any other."""

    def answer(name: bytes, timeout: float = 0) -> bytes | None:
        del timeout  # the house's own questions to the DNS are bounded
        return next(iter(lookup(name.decode("ascii").rstrip("."))), None)

    try:
        good = verifier.verify(idx=number, dnsfunc=answer)
    except Exception as error:  # noqa: BLE001 - whatever a hostile signature does to the library, it proves nothing
        log.info("signature not read", error=type(error).__name__)
        return ""
    covered = {name.lower() for name, _ in verifier.signed_headers}
    partial = b"l" in verifier.signature_fields  # more could have been appended
    return str(verifier.domain.decode("ascii").lower()) if good and b"from" in covered and not partial else ""


def _policies(author: str, lookup: Lookup) -> set[str]:
    """Give the DMARC policies (RFC 7489 6.3) of a domain, or of the nearest one above that has any."""
    labels = author.split(".")
    above = [".".join(labels[place:]) for place in range(1, len(labels) - 1)]
    for name in [author, *above[-ABOVE:]]:
        for record in lookup(f"_dmarc.{name}"):
            text = record.decode("ascii", "replace").replace(" ", "").lower()
            if text.startswith("v=dmarc1"):
                return {part[2:] for part in text.split(";") if part.startswith("p=")} or {"none"}
    return set()
