"""Who may do what, and how it is told: privileges and access control entries (RFC 3744 3-5, RFC 4791 6.1).

Calendars are read by whose they are and written by nobody, and no list of access can be changed: so all of it is
protected, and follows from the kind of resource alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from gateway.web.dav import xml
from gateway.web.dav.paths import Kind

_FREE_BUSY: Final = f"{{{xml.CALDAV}}}read-free-busy"
READ: Final = ("{DAV:}read", "{DAV:}read-acl", "{DAV:}read-current-user-privilege-set")
# What of somebody else can be read, is read without their list of access.
GLANCE: Final = ("{DAV:}read", "{DAV:}read-current-user-privilege-set")


class _Node(NamedTuple):
    """One privilege, those that it is made of, and whether it can only be had through them."""

    name: str
    description: str
    inside: tuple[_Node, ...] = ()
    abstract: bool = False


def _tree(*inside_read: _Node) -> _Node:
    writing = (
        _Node("{DAV:}write-properties", "Change properties"),
        _Node("{DAV:}write-content", "Change what is there"),
        _Node("{DAV:}bind", "Add something"),
        _Node("{DAV:}unbind", "Remove something"),
    )
    return _Node(
        "{DAV:}all",
        "Everything",
        (
            _Node("{DAV:}read", "Read", inside_read),
            _Node("{DAV:}read-acl", "Read who may do what"),
            _Node("{DAV:}read-current-user-privilege-set", "Read what one may do"),
            _Node("{DAV:}write", "Write", writing),
            _Node("{DAV:}write-acl", "Change who may do what"),
            _Node("{DAV:}unlock", "Remove the lock of somebody else"),
        ),
        abstract=True,
    )


_PLAIN: Final = _tree()
_CALENDAR: Final = _tree(_Node(_FREE_BUSY, "Read when somebody is busy"))


def granted(kind: Kind) -> tuple[str, ...]:
    """Name what whoever sees a resource of a kind may do, the parts of a privilege beside the whole."""
    if kind is Kind.COLLEAGUE:
        return GLANCE
    return (READ[0], _FREE_BUSY, *READ[1:]) if kind is Kind.CALENDAR else READ


def current(kind: Kind) -> bytes:
    """Write DAV:current-user-privilege-set (RFC 3744 5.4)."""
    return b"".join(map(_privilege, granted(kind)))


def supported(kind: Kind) -> bytes:
    """Write DAV:supported-privilege-set, also with what nobody has (RFC 3744 5.3)."""
    return _supported(_CALENDAR if kind is Kind.CALENDAR else _PLAIN)


def _supported(node: _Node) -> bytes:
    return b'<D:supported-privilege>%s%s<D:description xml:lang="en">%s</D:description>%s</D:supported-privilege>' % (
        _privilege(node.name),
        b"<D:abstract/>" if node.abstract else b"",
        xml.text(node.description),
        b"".join(map(_supported, node.inside)),
    )


def _privilege(name: str) -> bytes:
    return b"<D:privilege>%s</D:privilege>" % xml.empty(name)


def entry(who: bytes, names: tuple[str, ...]) -> bytes:
    """Write one DAV:ace: what is granted to whom, which nobody can change (RFC 3744 5.5)."""
    given = b"".join(map(_privilege, names))
    return b"<D:ace><D:principal>%s</D:principal><D:grant>%s</D:grant><D:protected/></D:ace>" % (who, given)


OWNER: Final = b"<D:property><D:owner/></D:property>"
ANYBODY: Final = b"<D:authenticated/>"
# RFC 3744 5.6: nothing is denied, and nobody is named by who they are not.
RESTRICTIONS: Final = b"<D:grant-only/><D:no-invert/>"
LISTS: Final[Mapping[Kind, bytes]] = {
    **{kind: entry(ANYBODY, granted(kind)) for kind in (Kind.ROOT, Kind.PRINCIPALS, Kind.HOMES)},
    **{kind: entry(OWNER, granted(kind)) for kind in (Kind.HOME, Kind.CALENDAR, Kind.OBJECT)},
}
