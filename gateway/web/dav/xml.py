"""XML in by a hardened parser, XML out by byte templates (RFC 4918 14; DESIGN: no tree is built to answer).

In: no DTD at all, so no entities, no expansion, nothing fetched; depth and size are bounded. Out: everything is escaped
here, CR included, which a reader would else turn into LF, and what XML cannot carry is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from lxml import etree

from gateway.errors import BadRequest

DAV: Final = "DAV:"
CALDAV: Final = "urn:ietf:params:xml:ns:caldav"
SERVER: Final = "http://calendarserver.org/ns/"
APPLE: Final = "http://apple.com/ns/ical/"
# The namespace of xml:lang has one prefix that needs no word of ours, and may have no other.
PREFIXES: Final = {DAV: b"D", CALDAV: b"C", SERVER: b"S", APPLE: b"A", "http://www.w3.org/XML/1998/namespace": b"xml"}
DEEPEST: Final = 32  # elements inside each other; CalDAV's own deepest request has nine
_OPENING: Final = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<D:%s xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    b' xmlns:S="http://calendarserver.org/ns/" xmlns:A="http://apple.com/ns/ical/">\n'
)
HEAD: Final = _OPENING % b"multistatus"
TAIL: Final = b"</D:multistatus>\n"
OK: Final = b"HTTP/1.1 200 OK"
MISSING: Final = b"HTTP/1.1 404 Not Found"

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no other name for the type

_NOTHING: Final = b"<D:propstat><D:prop/><D:status>%s</D:status></D:propstat>" % OK
_CONTROLS: Final = bytes(c for c in range(32) if c not in b"\t\n\r")
_UNCARRIED: Final = {0xFFFE: None, 0xFFFF: None, **dict.fromkeys(range(0xD800, 0xE000))}


def read(body: bytes) -> Element:
    """Parse a request's body; raises BadRequest for what is not XML, has a DOCTYPE, or is nested too deeply."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadRequest("body", "is not well-formed XML") from error
    # `resolve_entities=False` leaves entities standing; only without a DOCTYPE there are none.
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise BadRequest("body", "has a DOCTYPE")
    if _too_deep(root):
        raise BadRequest("body", f"is nested more than {DEEPEST} deep")
    return root


def _too_deep(root: Element) -> bool:
    level, here = 0, [root]
    while here:
        level += 1
        if level > DEEPEST:
            return True
        here = [child for parent in here for child in parent]
    return False


def text(value: str) -> bytes:
    """Escape text."""
    return octets(value.translate(_UNCARRIED).encode("utf-8"))


def octets(value: bytes) -> bytes:
    """Escape text that is UTF-8 already."""
    plain = value.translate(None, _CONTROLS)
    plain = plain.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return plain.replace(b"\r", b"&#13;")


def calendar(value: bytes) -> bytes:
    """Escape iCalendar text that we wrote, which holds nothing that XML cannot carry.

    A reader turns its line ends into LF, which stands for CRLF here and costs a tenth less (RFC 4791 9.6).
    """
    return value.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")


def pair(tag: str) -> tuple[bytes, bytes]:
    """Write the opening and the closing of an element by its Clark name ``{namespace}local``."""
    space, _, local = tag.removeprefix("{").partition("}") if tag.startswith("{") else ("", "", tag)
    prefix = PREFIXES.get(space)
    name = local.encode("utf-8")
    if prefix is not None:
        return b"<%s:%s>" % (prefix, name), b"</%s:%s>" % (prefix, name)
    return b'<%s xmlns="%s">' % (name, text(space).replace(b'"', b"&quot;")), b"</%s>" % name


def empty(tag: str) -> bytes:
    """Write an empty element."""
    return pair(tag)[0][:-1] + b"/>"


def hrefs(*urls: str) -> bytes:
    """Write DAV:href elements."""
    return b"".join(b"<D:href>%s</D:href>" % text(u) for u in urls)


def propstat(inside: bytes, status: bytes) -> bytes:
    """Write properties that share a status; nothing where there are none."""
    return b"<D:propstat><D:prop>%s</D:prop><D:status>%s</D:status></D:propstat>" % (inside, status) if inside else b""


def response(href: bytes, found: bytes, missing: bytes) -> bytes:
    """Write one resource with its properties; `missing` is a finished propstat or nothing."""
    # A response must hold a propstat, even one without a property.
    some = propstat(found, OK) or (b"" if missing else _NOTHING)
    return b"<D:response><D:href>%s</D:href>%s%s</D:response>\n" % (href, some, missing)


def bare(href: bytes, status: bytes, inside: bytes = b"") -> bytes:
    """Write one resource with nothing but a status (RFC 4918 14.24)."""
    return b"<D:response><D:href>%s</D:href><D:status>%s</D:status>%s</D:response>\n" % (href, status, inside)


def multistatus(responses: Iterable[bytes], tail: bytes = b"") -> bytes:
    """Put responses together; `tail` is what follows them, as a sync token does."""
    return b"".join((HEAD, *responses, tail, TAIL))


def document(root: str, inside: bytes) -> bytes:
    """Put a DAV element around what is inside."""
    name = root.encode("ascii")
    return b"%s%s</D:%s>\n" % (_OPENING % name, inside, name)
