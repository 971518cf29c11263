"""From which network a request comes: the peer's, or what a proxy that is trusted says of it (RFC 7239).

Somebody's network is an IPv4 address or an IPv6 /64, which is what one household or one machine has. A header that is
garbage, or two headers that disagree, say nothing: then the peer's own address counts, for a client can send any header
that its proxy does not write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

HOUSEHOLD: Final = 64  # bits of an IPv6 address that tell one household from another
LONGEST: Final = 2_000  # characters of a header that are looked at
LOCAL: Final = "127.0.0.1"  # a peer without an address came by a socket of this machine
_PORT: Final = re.compile(r"(\[[^\]]*\]|[0-9.]+)(?::[0-9]{1,5})?\Z")
# One pair of a Forwarded element, a quoted or a plain value, and what stands behind it (RFC 7239 4).
_PAIR: Final = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=("(?:[^"\\]|\\.)*"|[^\s",;]+)\s*(;|,|\Z)')


def network(environ: Mapping[str, Any], trusted: Iterable[Network]) -> str:
    """Give the network of whoever sent a request; `trusted` are the proxies whose word about others is believed."""
    told = str(environ.get("REMOTE_ADDR") or LOCAL)
    peer = _address(told)
    if peer is None:
        return told[:100]
    if not _within(peer, trusted):
        return _household(peer)
    said = (_listed(_header(environ, "X_FORWARDED_FOR")), _forwarded(_header(environ, "FORWARDED")))
    senders = {_sender(hops, trusted) for hops in said if hops != []}
    sender = senders.pop() if len(senders) == 1 else None
    return _household(sender or peer)


def _header(environ: Mapping[str, Any], name: str) -> str:
    return str(environ.get(f"HTTP_{name}") or "").strip()


def _sender(hops: list[str] | None, trusted: Iterable[Network]) -> Address | None:
    """Give the nearest hop that is no proxy of ours, or the furthest; None where what leads there cannot be read."""
    found: Address | None = None
    for hop in reversed(hops or []):
        found = _address(hop)
        if found is None or not _within(found, trusted):
            return found
    return found


def _listed(header: str) -> list[str] | None:
    """Read X-Forwarded-For, nearest hop last; empty for no header, None for one that cannot be read."""
    if len(header) > LONGEST:
        return None
    return [hop.strip() for hop in header.split(",")] if header else []


def _forwarded(header: str) -> list[str] | None:
    """Read the `for` of each element of Forwarded, as `_listed` does."""
    if len(header) > LONGEST:
        return None
    hops: list[str] = []
    element: dict[str, str] = {}
    place = 0
    while place < len(header):
        pair = _PAIR.match(header, place)
        if pair is None:
            return None
        name, value, follows = pair.groups()
        element[name.lower()] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
        place = pair.end()
        if follows != ";":
            hops.append(element.get("for", ""))
            element = {}
    return None if element else hops


def _address(told: str) -> Address | None:
    """Read an address, with or without a port; IPv4 inside IPv6 is IPv4."""
    port = _PORT.match(told)
    bare = port[1].strip("[]") if port else told
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _within(one: Address, networks: Iterable[Network]) -> bool:
    return any(one in network for network in networks)


def _household(one: Address) -> str:
    return str(one) if one.version == 4 else str(IPv6Network((int(one), HOUSEHOLD), strict=False))
