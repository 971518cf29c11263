"""A copy's text -> its components and their lines, quickly: no line is taken apart before somebody asks for it.

The text is of our own writing, so that every BEGIN has its END. What stands in a line may be an owner's own, and is
read with the tolerance of `lines`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mappings.errors import Unreadable
from mappings.ics.lines import split

_AFTER_NAME: Final = (b":", b";")


@dataclass(frozen=True, slots=True)
class Property:
    """One property: its name with the parameters, and its value as it is written."""

    head: bytes
    value: bytes

    def parameter(self, name: str) -> str | None:
        """Give the value of a parameter, or None where the property has none of that name."""
        wanted = name.encode("utf-8", "replace")
        upper = self.head.upper()
        if wanted not in upper:
            return None
        mark = b";%s=" % wanted
        place = upper.find(mark)
        start = place + len(mark)
        ends = upper.find(b";", start)
        value = self.head[start:] if ends < 0 else self.head[start:ends]
        # Inside quotes, with quotes or with carets it is for the careful reader; most are not.
        if place < 0 or upper.count(b'"', 0, place) % 2 or b'"' in value or b"^" in value:
            return self._carefully(name)
        return value.decode("utf-8", "replace").strip()

    def _carefully(self, name: str) -> str | None:
        try:
            line = split(0, self.head.decode("utf-8", "replace") + ":")
        except Unreadable:
            return None
        return line.get(name) if line.has(name) else None


@dataclass(slots=True)
class Component:
    """One component: its name in upper case, the lines of its own, and the components inside it."""

    name: str
    lines: list[bytes] = field(default_factory=list)
    inner: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """Give the properties of a name, which is in upper case."""
        wanted = name.encode("utf-8", "replace")
        size = len(wanted)
        found = (x for x in self.lines if x[size : size + 1] in _AFTER_NAME and x[:size].upper() == wanted)
        return [_property(x) for x in found]

    def first(self, name: str) -> Property | None:
        """Give the first property of a name."""
        found = self.all(name)
        return found[0] if found else None


def unfolded(data: bytes) -> bytes:
    """Undo the folding of lines (RFC 5545 3.1)."""
    plain = data.replace(b"\r\n ", b"").replace(b"\r\n\t", b"")
    if b"\n " in plain or b"\n\t" in plain:
        plain = plain.replace(b"\n ", b"").replace(b"\n\t", b"")
    return plain


def read(plain: bytes) -> Component:
    """Give what stands around the VCALENDAR of an unfolded text: a nameless component with it inside."""
    here = Component("")
    outer: list[Component] = []
    for line in plain.splitlines():
        mark = line[:6].upper()
        if mark == b"BEGIN:":
            there = Component(_word(line))
            here.inner.append(there)
            outer.append(here)
            here = there
        elif mark[:4] == b"END:":
            here = outer.pop() if outer else here
        elif line:
            here.lines.append(line)
    return outer[0] if outer else here


def folded(data: bytes) -> Iterator[bytes]:
    """Give each content line as it stands, with the breaks inside it and at its end."""
    pieces: list[bytes] = []
    for piece in data.splitlines(keepends=True):
        if piece[:1] in (b" ", b"\t") and pieces:
            pieces.append(piece)
            continue
        if pieces:
            yield b"".join(pieces)
        pieces = [piece]
    if pieces:
        yield b"".join(pieces)


def edge(line: bytes) -> tuple[int, str]:
    """Tell whether a content line opens (1) or closes (-1) a component, and which; (0, "") for every other."""
    mark = line[:6].upper()
    if mark == b"BEGIN:":
        return 1, _word(line)
    return (-1, _word(line)) if mark[:4] == b"END:" else (0, "")


def cut(line: bytes) -> int:
    """Give where the colon before the value is: the first that stands in no quoted parameter; -1 for none."""
    place = first = line.find(b":")
    quotes = line.count(b'"', 0, first) if first > 0 else 0
    while quotes % 2:
        later = line.find(b":", place + 1)
        if later < 0:
            return first  # a quote that never closes hides nothing
        quotes += line.count(b'"', place, later)
        place = later
    return place


def _word(line: bytes) -> str:
    return line.partition(b":")[2].strip().upper().decode("utf-8", "replace")


def _property(line: bytes) -> Property:
    place = cut(line)
    return Property(line[:place], line[place + 1 :]) if place >= 0 else Property(line, b"")
