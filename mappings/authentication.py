"""What our own mail server found out about a message's sender: Authentication-Results (RFC 8601).

Anybody can write such a field into a mail. Believed is the topmost one that bears our server's own id and stands above
the Received fields of strangers (RFC 8601 5); every other is ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mappings import address

FIELD: Final = "authentication-results"
MOST: Final = 100  # results read of one field

_COMMENT: Final = re.compile(r"\((?:[^()\\]|\\.)*\)")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_RESULT: Final = re.compile(r"\s*([a-z0-9-]+)(?:/\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"(?<![a-z0-9-])([a-z0-9-]{1,40})\.([a-z0-9_-]{1,40})\s{0,9}=\s{0,9}(\S+)", re.IGNORECASE)
_POLICY: Final = re.compile(r"\bp=([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """One method's result: ``dkim``, ``pass``, and its properties such as ``header.d``, in lower case."""

    method: str
    result: str
    properties: Mapping[str, str]


def results(head: Sequence[tuple[str, str]], authserv_id: str, own_hops: int = 0) -> tuple[Result, ...]:
    """Give what our server says; nothing where it says nothing, or where no id of its own is set.

    `head` are the fields of a mail in their order, names in lower case as `authserv_id` is; `own_hops` is how
    many Received fields of our own servers stand above what they say.
    """
    received = 0
    for name, value in head if authserv_id else ():
        received += name == "received"
        if received > own_hops:
            return ()
        if name == FIELD:
            said, _, rest = _without_comments(value).partition(";")
            if said.lower().split()[:1] == [authserv_id]:
                return _read(rest, value)
    return ()


def _read(rest: str, whole: str) -> tuple[Result, ...]:
    found = []
    for piece in rest.split(";")[:MOST]:
        hit = _RESULT.match(piece)
        if hit:
            properties = {f"{a}.{b}".lower(): v.strip('"').lower() for a, b, v in _PROPERTY.findall(piece)}
            found.append(Result(hit[1].lower(), hit[2].lower(), properties))
    policy = _POLICY.search(whole)
    return tuple(_with_policy(one, policy[1].lower() if policy else "") for one in found)


def _with_policy(one: Result, policy: str) -> Result:
    return Result(one.method, one.result, {**one.properties, "policy.p": policy}) if one.method == "dmarc" else one


def _without_comments(value: str) -> str:
    """Take comments out, innermost first, and the quotes of quoted words."""
    text, bound = value, 10
    while bound and (shorter := _COMMENT.sub(" ", text)) != text:
        text, bound = shorter, bound - 1
    return _QUOTED.sub(r"\1", text)


def domain(mailbox: str) -> str:
    """Give the domain of a mailbox, in A-labels."""
    return address.normalise(mailbox).rpartition("@")[2]


def aligned(signer: str, author: str) -> bool:
    """Tell whether a domain may speak for another: itself, or one above it (RFC 7489 3.1.1, without a suffix list).

    Who signs for a domain above has its name servers' word; a domain below proves nothing here.
    """
    return bool(signer) and "." in signer and (author == signer or author.endswith(f".{signer}"))
