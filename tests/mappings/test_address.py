"""Addresses are compared by equality of one spelling, and by nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import address

ANYTHING = st.text(max_size=60) | st.from_regex(r"(mailto:)?[\w.+%-]{1,12}@[\w.-]{1,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "spelling"),
    [
        ("MAILTO:G@X.TEST", "g@x.test"),
        ("mailto:mailto:g@x.test", "g@x.test"),
        (" mailto:<g@x.test>?subject=hello ", "g@x.test"),
        ("<g@x.test>", "g@x.test"),
        ("g@x.test.", "g@x.test"),
        ("mailto:g%2Btag@x.test", "g+tag@x.test"),
        ("mailto:J%C3%BCrgen@x.test", "jürgen@x.test"),
        ("g%2B@x.test", "g%2b@x.test"),
        ("g@BÜCHER.test", "g@xn--bcher-kva.test"),
        ("g@xn--bcher-kva.TEST", "g@xn--bcher-kva.test"),
        ("URN:UUID:0B1C2D3E-0000-4000-8000-000000000001", "urn:uuid:0b1c2d3e-0000-4000-8000-000000000001"),
    ],
)
def test_one_person_has_one_spelling(written: str, spelling: str) -> None:
    assert address.normalise(written) == spelling


@pytest.mark.parametrize(
    "unusable",
    [
        "", "g", "@x.test", "g@", "g@h@x.test", "g h@x.test", "g\n@x.test", "g\x00@x.test",
        "mailto:g%0d%0aBcc:h@x.test",
        "invalid:nomail", "/principals/g@x", "http://x.test/g@x.test", '"g"@x.test', "g@x..test", "g@-x.test",
        "g\u200b@x.test", "g\u202e@x.test", "mailto:%ff@x.test", "g@" + "x" * 64 + ".test", "g" * 400 + "@x.test",
        "x" * 100_000, "urn:uuid:0", "\u212a@x.test",
    ],
)  # fmt: skip
def test_what_is_no_address_is_nobody(unusable: str) -> None:
    assert address.normalise(unusable) == ""
    assert not address.same(unusable, unusable)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("g@x.test", "og@x.test"),  # a substring is another person
        ("g@x.test", "g@x.test.example"),
        ("g@x.test", "g+tag@x.test"),
        ("g@straße.test", "g@strasse.test"),  # two domains that anybody may register
        ("g@example.test", "g@ｅxample.test"),  # noqa: RUF001 -- full-width
        ("gs@x.test", "gß@x.test"),
        ("anna@x.test", "аnna@x.test"),  # noqa: RUF001 -- Cyrillic
        ("fi@x.test", "ﬁ@x.test"),
        ("s@x.test", "ſ@x.test"),  # noqa: RUF001 -- long s
    ],
)
def test_alike_is_not_the_same(one: str, other: str) -> None:
    assert not address.same(one, other)


def test_a_tag_is_taken_off_only_when_asked() -> None:
    assert address.tagless("G+Crm+2@x.test") == "g@x.test"
    assert address.tagless("+tag@x.test") == "+tag@x.test"
    assert address.tagless("urn:uuid:0b1c2d3e-0000-4000-8000-000000000001").startswith("urn:uuid:0b1c")
    assert address.tagless("no address") == ""


def test_a_uri_encodes_what_a_uri_cannot_hold() -> None:
    assert address.mailto("50%off@x.test") == "mailto:50%25off@x.test"
    assert address.mailto("Jürgen@x.test") == "mailto:j%C3%BCrgen@x.test"
    assert address.mailto("urn:uuid:0B1C2D3E-0000-4000-8000-000000000001").startswith("urn:uuid:0b1c")
    assert address.mailto("nobody") == ""


@given(ANYTHING)
def test_a_spelling_is_its_own_spelling(written: str) -> None:
    spelling = address.normalise(written)
    assert address.normalise(spelling) == spelling
    assert address.normalise(address.mailto(written)) == spelling


@given(ANYTHING, ANYTHING)
def test_sameness_is_equality_of_spellings(one: str, other: str) -> None:
    assert address.same(one, other) == address.same(other, one)
    assert address.same(one, other) == (address.normalise(one) == address.normalise(other) != "")
