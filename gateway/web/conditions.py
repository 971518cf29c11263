"""What a request says of its body and of the answer it wants: length, tags, gzip (RFC 9110 8.6, 12.5.3, 13.1)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, Final

from gateway.errors import BadRequest, TooLarge

CHUNK: Final = 65_536
LONGEST: Final = 8_000  # characters of a list of entity tags that are looked at
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"(?:-gzip)?')
# What proxies hang on a tag when they compress: Apache's -gzip, Jetty's --gzip, others' ;gzip and -br.
_SUFFIX: Final = re.compile(r"(?:--?|;)(?:gzip|br|zstd|deflate)\Z")
_LENGTH: Final = re.compile(r"[0-9]{1,18}\Z")
_WITHOUT: Final = re.compile(r"q=0(?:\.0{0,3})?\Z")


def tags(header: str | None) -> list[str] | None:
    """Read a list of entity tags, unquoted, as they were sent; None for no header; ``*`` stands for itself."""
    if header is None:
        return None
    if header.strip() == "*":
        return ["*"]
    return _TAG.findall(header[:LONGEST])


def matches(header: str | None, tag: str) -> bool:
    """Tell whether a list names a tag, or anything.

    Weak tags and those that a compressing proxy changed count: ours are strong, so that they can only stem from it.
    """
    given = tags(header) or []
    return any(one in ("*", tag) or _SUFFIX.sub("", one) == tag for one in given)


def takes_gzip(header: str | None) -> bool:
    """Tell whether Accept-Encoding wants gzip: named, and not with a quality of 0."""
    for part in (header or "").lower().split(","):
        coding, *parameters = (p.strip() for p in part.split(";"))
        if coding in ("gzip", "x-gzip"):
            return not any(_WITHOUT.match(p.replace(" ", "")) for p in parameters)
    return False


def gzipped(data: bytes) -> bytes:
    """Compress quickly, the same bytes each time: no name and no moment inside."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def body(environ: Mapping[str, Any], limit: int) -> bytes:
    """Read a request's body of at most `limit` bytes, and never more than that into memory.

    Raises TooLarge, before reading anything where the length is told; BadRequest for a length that is none, or a body
    that ends early. A body in chunks is counted while it comes.
    """
    length = _told(environ)
    if length is not None and length > limit:
        raise TooLarge(limit)
    stream, pieces, left = environ["wsgi.input"], [], limit + 1 if length is None else length
    while left > 0:
        piece = stream.read(min(CHUNK, left))
        if not piece:
            break
        pieces.append(piece)
        left -= len(piece)
    if length is None and left <= 0:
        raise TooLarge(limit)
    if length is not None and left:
        raise BadRequest("body", "ends before its Content-Length")
    return b"".join(pieces)


def _told(environ: Mapping[str, Any]) -> int | None:
    """Give the length that was told; None: read until the end, which the server knows; 0: there is no body."""
    if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return None
    given = environ.get("CONTENT_LENGTH") or ""
    if not given:
        return None if environ.get("wsgi.input_terminated") else 0
    if not _LENGTH.match(given):
        raise BadRequest("Content-Length", "is not a length")
    return int(given)
