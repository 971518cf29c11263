"""Questions to the DNS: the text records of a name, within a bounded time (needs the extra `mail`)."""

from __future__ import annotations

from typing import Final

PATIENCE: Final = 3.0  # seconds


def texts(name: str) -> list[bytes]:
    """Give the TXT records of a name; none where there are none or nobody answers."""
    import dns.exception  # noqa: PLC0415 - from the extra `mail`
    import dns.resolver  # noqa: PLC0415

    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=PATIENCE)
    except (dns.exception.DNSException, ValueError):
        return []
    return [b"".join(record.strings) for record in answer]
