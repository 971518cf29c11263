"""Model values <-> the bytes in which our tables keep them (JSON, so that a person can read a row)."""

from __future__ import annotations

import msgspec

from mappings.ics.writing import WRITING
from mappings.model import Announced, Instance, Notice, Verdict
from mappings.posting import Note


class _Kept(msgspec.Struct, frozen=True):
    """A part's value, and the version of the writing it was rendered by."""

    writing: int
    value: Instance


_encoder = msgspec.json.Encoder()
_kept = msgspec.json.Decoder(_Kept)
_announced = msgspec.json.Decoder(Announced)
_notice = msgspec.json.Decoder(Notice)
_note = msgspec.json.Decoder(Note)


def keep(instance: Instance) -> bytes:
    """Encode the value of a part."""
    return _encoder.encode(_Kept(WRITING, instance))


def kept(data: bytes) -> tuple[Instance, bool]:
    """Decode the value of a part, and tell whether it was rendered by this version of the writing."""
    found = _kept.decode(data)
    return found.value, found.writing == WRITING


def tell(told: Announced | Notice | Note) -> bytes:
    """Encode what was told, or is to be told, to the outside."""
    return _encoder.encode(told)


def told(data: bytes) -> Announced:
    """Decode what was told to the outside."""
    return _announced.decode(data)


def notice(data: bytes) -> Notice:
    """Decode a notice that is owed."""
    return _notice.decode(data)


def note(data: bytes) -> Note:
    """Decode words that are owed to an owner."""
    return _note.decode(data)


def written_down(verdict: Verdict) -> str:
    """Encode a verdict as JSON text, to stand beside its message."""
    return _encoder.encode(verdict).decode("utf-8")
