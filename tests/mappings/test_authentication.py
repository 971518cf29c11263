"""What our own server says of a sender is believed, what anybody else writes into a mail is not (RFC 8601 5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.authentication import FIELD, Result, aligned, results

OURS = "mx.crm.test"
PASS = f"{OURS}; dmarc=pass (p=REJECT sp=NONE) header.from=north.test; dkim=pass header.d=north.test"
RECEIVED = ("received", "from mail.north.test by mx.crm.test")


def said(*head: tuple[str, str], hops: int = 0) -> list[tuple[str, str]]:
    return [(one.method, one.result) for one in results(head, OURS, hops)]


def test_what_our_server_says_above_all_servers_is_read() -> None:
    dmarc, dkim = results([(FIELD, PASS), RECEIVED], OURS)
    assert dmarc == Result("dmarc", "pass", {"header.from": "north.test", "policy.p": "reject"})
    assert dkim.properties == {"header.d": "north.test"}


def test_66_what_stands_below_the_first_received_is_a_stranger_s() -> None:
    assert said(RECEIVED, (FIELD, PASS)) == []


def test_below_received_fields_of_our_own_it_counts_where_we_say_so() -> None:
    assert said(RECEIVED, (FIELD, PASS), RECEIVED, hops=1)
    assert said(RECEIVED, RECEIVED, (FIELD, PASS), hops=1) == []


@pytest.mark.parametrize("value", [
    PASS.replace(OURS, "mx.else.test"), PASS.replace(OURS, f"{OURS}.evil.test"), PASS.replace(OURS, f"evil {OURS}"),
    f"({OURS}) evil.test; dmarc=pass", "", ";", OURS, f"{OURS}; none",
])  # fmt: skip
def test_another_server_s_word_is_none(value: str) -> None:
    assert said((FIELD, value)) == []


def test_the_topmost_of_ours_wins() -> None:
    assert said((FIELD, f"{OURS} 1; dmarc=fail"), (FIELD, PASS)) == [("dmarc", "fail")]


def test_without_an_id_of_our_own_nothing_is_believed() -> None:
    assert results([(FIELD, PASS)], "") == ()


def test_comments_and_quotes_do_not_hide_a_result() -> None:
    value = f'{OURS} (a (nested) one); spf=pass (ip4 "x; dkim=pass") smtp.mailfrom="grete@north.test"'
    (spf,) = results([(FIELD, value)], OURS)
    assert (spf.method, spf.properties) == ("spf", {"smtp.mailfrom": "grete@north.test"})


@pytest.mark.parametrize(
    ("signer", "author", "good"),
    [
        ("north.test", "north.test", True),
        ("north.test", "mail.north.test", True),
        ("mail.north.test", "north.test", False),
        ("test", "north.test", False),
        ("", "", False),
        ("orth.test", "north.test", False),
    ],
)
def test_a_domain_speaks_for_itself_and_for_those_below_it(signer: str, author: str, good: bool) -> None:
    assert aligned(signer, author) is good


@given(st.lists(st.tuples(st.sampled_from(["received", FIELD, "from"]), st.text(max_size=60))), st.integers(0, 2))
def test_whatever_stands_in_a_mail_is_survived(head: list[tuple[str, str]], hops: int) -> None:
    results(head, OURS, hops)
