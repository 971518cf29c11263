"""Bytes -> unfolded content lines -> (name, parameters, value), tolerant and bounded (RFC 5545 3.1, 3.2).

Written here and not taken from `icalendar`, because its parser believes every VTIMEZONE it meets and keeps
the first of a name for the whole process: one sender's zones would shift another's answers. It also sets
broken lines aside, where we mend them and say so. Tests hold both readers together.
"""

from __future__ import annotations

import codecs
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from mappings.errors import LimitExceeded, Unreadable

MAX_BYTES: Final = 1 << 20
MAX_LINES: Final = 20_000
MAX_LINE: Final = 1 << 16

_BREAK: Final = re.compile(r"\r{0,2}\n|\r")
_NAME: Final = re.compile(r"[ \t]*+([A-Za-z0-9_-]{1,80})[ \t]*+(?=[;:])")
_PARAMETER: Final = re.compile(r';[ \t]*([A-Za-z0-9-]{1,80})[ \t]*+(?:=((?:"[^"]*"|[^";:])*+))?(?=[;:])')
_UNCLOSED: Final = re.compile(r";[ \t]*([A-Za-z0-9-]{1,80})[ \t]*+(?:=([^;:]*+))?(?=[;:])")
_CONTROLS: Final = dict.fromkeys((*range(0x09), *range(0x0B, 0x0D), *range(0x0E, 0x20), 0x7F))
# What a line looks like that is still quoted-printable: an equals sign of a parameter as =3D, or as itself.
_STILL_QUOTED: Final = re.compile(r"^[A-Za-z-]{3,40};[^\r\n:]{0,200}?=3D", re.MULTILINE)
_NOT_QUOTED: Final = re.compile(r";[A-Za-z][A-Za-z-]{1,40}=(?!3D|\r?\n)")
# Codecs of the mail world; others can be slow (punycode) or are no text at all.
_CHARSET: Final = re.compile(
    r"(?:iso8859-\d+|cp125\d|cp932|cp949|cp95\d|koi8-[rut]|mac-\w+|utf-16|utf-16-[lb]e|big5\w*|gb\w+|euc_\w+"
    r"|shift_jis\w*|iso2022_\w+|hz)\Z"
)
_SIGNATURES: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One content line: name in upper case, its parameters (names upper, values as written), its raw value.

    `number` is the line's place in the text, from 1; `broken` tells that a quote was never closed.
    """

    number: int
    name: str
    parameters: tuple[tuple[str, str], ...]
    value: str
    broken: bool = False

    def get(self, parameter: str) -> str:
        """Give the first value of a parameter without its quotes and RFC 6868 carets, or an empty string."""
        return next((_plain(value) for name, value in self.parameters if name == parameter), "")

    def has(self, parameter: str) -> bool:
        return any(name == parameter for name, _ in self.parameters)


def text_of(data: bytes, charset: str = "") -> tuple[str, list[str]]:
    """Decode calendar bytes: UTF-8, else the declared charset, else Windows-1252; and say what was mended.

    Raises LimitExceeded beyond MAX_BYTES or MAX_LINES.
    """
    if len(data) > MAX_BYTES:
        raise LimitExceeded("octets of calendar data", MAX_BYTES)
    if max(data.count(b"\n"), data.count(b"\r")) > MAX_LINES:
        raise LimitExceeded("lines of calendar data", MAX_LINES)
    text, damage = _decoded(data, charset)
    clean = text.translate(_CONTROLS)
    if clean != text:
        damage.append("control characters removed")
    if _STILL_QUOTED.search(clean):
        damage.append("quoted-printable undone once more")
        clean = _unquoted(clean)
    return clean, damage


def unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Give (line number, unfolded line) for each line that is not empty (RFC 5545 3.1)."""
    first, pieces = 0, [""]
    for number, line in enumerate(_BREAK.split(text), 1):
        if line[:1] in (" ", "\t") and pieces[0]:
            pieces.append(line[1:])
            continue
        if pieces[0]:
            yield first, "".join(pieces)
        first, pieces = number, [line]
    if pieces[0]:
        yield first, "".join(pieces)


def name_of(line: str) -> str:
    """Give the upper-case property name of a content line, or an empty string where it has none."""
    found = _NAME.match(line)
    return found[1].upper() if found else ""


def split(number: int, line: str) -> Line:
    """Take a content line apart; raises Unreadable, naming the line, where that cannot be done."""
    found = _NAME.match(line)
    if not found:
        raise Unreadable("not a content line", number)
    if len(line) > MAX_LINE:
        raise Unreadable(f"{found[1].upper()} is longer than {MAX_LINE} characters", number)
    name = found[1].upper()
    for pattern in (_PARAMETER, _UNCLOSED):
        parameters, place = _parameters(pattern, line, found.end())
        if line[place : place + 1] == ":":
            return Line(number, name, parameters, line[place + 1 :], broken=pattern is _UNCLOSED)
    raise Unreadable(f"{name} has damaged parameters", number)


def unescape(value: str) -> str:
    r"""Undo the escapes of a TEXT value: ``\\n``, ``\\,``, ``\\;`` and ``\\\\`` (RFC 5545 3.3.11)."""
    return re.sub(r"\\(.)", lambda hit: "\n" if hit[1] in "nN" else hit[1], value, flags=re.DOTALL)


def _parameters(pattern: re.Pattern[str], line: str, place: int) -> tuple[tuple[tuple[str, str], ...], int]:
    found: list[tuple[str, str]] = []
    while hit := pattern.match(line, place):
        found.append((hit[1].upper(), (hit[2] or "").strip()))
        place = hit.end()
    return tuple(found), place


def _plain(value: str) -> str:
    text = value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
    return re.sub(r"\^(['n^])", lambda hit: {"'": '"', "n": "\n", "^": "^"}[hit[1]], text)


def _decoded(data: bytes, charset: str) -> tuple[str, list[str]]:
    for signature, codec in _SIGNATURES:
        if data.startswith(signature):
            return data[len(signature) :].decode(codec, "replace"), []
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    declared = _known(charset)
    if declared:
        try:
            return data.decode(declared), [f"not UTF-8, read as {declared}"]
        except UnicodeDecodeError:
            pass
    return data.decode("cp1252", "replace"), ["not UTF-8, read as cp1252"]


def _known(charset: str) -> str:
    """Give the codec of a declared charset where it is one of the mail world's."""
    try:
        name = codecs.lookup(charset.strip()[:40]).name
    except (LookupError, ValueError):
        return ""
    return name if _CHARSET.match(name) else ""


def _unquoted(text: str) -> str:
    """Undo quoted-printable once more; where only some lines are still quoted, mend their equals signs."""
    if _NOT_QUOTED.search(text):
        return text.replace("=3D", "=")
    return quopri.decodestring(text.encode("utf-8")).decode("utf-8", "replace")
