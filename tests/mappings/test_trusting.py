"""How far a message is trusted: the table of proofs, the weakest first that somebody could forge."""

from __future__ import annotations

import pytest

from mappings.authentication import Result
from mappings.model import Invitee, Kind, Proofs, Trust
from mappings.trusting import PROOFS, Senders, from_results, from_signatures, trust

GRETE, ALIAS, MALLORY = "grete@north.test", "holm@south.test", "mallory@else.test"
G = Invitee(12, Kind.EXTERNAL, frozenset({GRETE, ALIAS}), 1, answerable=True)
FROM = Senders(GRETE)
GOOGLE = Senders(GRETE, GRETE, "calendar-notification@google.com")


def result(method: str, said: str, **properties: str) -> Result:
    return Result(method, said, {name.replace("_", "."): value for name, value in properties.items()})


@pytest.mark.parametrize(
    ("proofs", "expected"),
    [
        (Proofs(vouched=True, aligned=GRETE), Trust.VOUCHED),
        (Proofs(token=12), Trust.TOKEN),
        (Proofs(token=13), Trust.NONE),
        (Proofs(inside=GRETE, aligned=GRETE), Trust.INSIDE),
        (Proofs(aligned=ALIAS), Trust.ALIGNED),
        (Proofs(aligned=MALLORY), Trust.NONE),
        (Proofs(behalf="GRETE@NORTH.test"), Trust.ON_BEHALF),
        (Proofs(weak=GRETE), Trust.WEAK),
        (Proofs(weak=GRETE, rejected=True), Trust.NONE),
        (Proofs(), Trust.NONE),
    ],
)
def test_the_first_proof_that_holds_for_the_invitee_is_the_trust(proofs: Proofs, expected: Trust) -> None:
    assert trust(proofs, G, {12}) is expected


def test_proofs_are_tried_best_first() -> None:
    assert [*PROOFS, Trust.NONE] == list(Trust)


@pytest.mark.parametrize(
    ("results", "senders", "expected"),
    [
        ([result("dmarc", "pass", header_from="north.test")], FROM, Proofs(aligned=GRETE)),
        ([result("dmarc", "pass", header_from="else.test")], FROM, Proofs()),
        ([result("dmarc", "pass")], Senders(), Proofs()),
        ([result("dmarc", "fail", policy_p="reject")], FROM, Proofs(rejected=True)),
        ([result("dmarc", "none"), result("spf", "pass", smtp_mailfrom=GRETE)], FROM, Proofs(weak=GRETE)),
        ([result("spf", "pass", smtp_mailfrom="x@north.test")], FROM, Proofs(weak=GRETE)),
        ([result("spf", "pass", smtp_mailfrom="x@else.test")], FROM, Proofs()),
        ([result("dmarc", "fail"), result("spf", "pass", smtp_mailfrom=GRETE)], FROM, Proofs()),
        ([result("auth", "pass", smtp_auth=GRETE)], FROM, Proofs(inside=GRETE)),
        ([result("auth", "pass", smtp_auth="grete")], FROM, Proofs(inside=GRETE)),
        ([result("auth", "pass", smtp_auth="otto")], FROM, Proofs()),
        ([result("dmarc", "fail", policy_p="reject"), result("dkim", "pass", header_d="google.com")], GOOGLE,
         Proofs(behalf=GRETE, rejected=True)),
        ([result("dkim", "fail", header_d="google.com")], GOOGLE, Proofs()),
        ([result("dkim", "pass", header_i="@google.com")], FROM, Proofs()),
    ],
)  # fmt: skip
def test_what_our_server_found_out_is_proof(results: list[Result], senders: Senders, expected: Proofs) -> None:
    assert from_results(results, senders) == expected


@pytest.mark.parametrize(
    ("signed", "policies", "expected"),
    [
        ({"north.test"}, {"none"}, Proofs(aligned=GRETE)),
        ({"north.test"}, set(), Proofs(weak=GRETE)),
        ({"else.test"}, {"reject"}, Proofs(rejected=True)),
        (set(), set(), Proofs()),
    ],
)
def test_signatures_that_we_verified_are_proof(signed: set[str], policies: set[str], expected: Proofs) -> None:
    assert from_signatures(signed, policies, FROM) == expected
