"""Ten thousand damaged messages: each is read, or refused by a name, within a bound of work."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from mappings import imip
from mappings.model import Invitation, Invitee, Kind, Occurrence, Outcome, Proofs
from mappings.weighing import weigh

VECTORS = sorted(p for p in (Path(__file__).parents[1] / "vectors").iterdir() if p.suffix in (".eml", ".ics"))
MANY = 10_000
BLOCK = 500  # messages of one test
MEMORY = 64 << 20  # octets

GRETE = Invitee(12, Kind.EXTERNAL, frozenset({"grete@north.test"}), 1, answerable=True)
EVENT = Invitation(
    "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f", 0, frozenset({"calendar@crm.test"}),
    (Occurrence(0, 1_794_301_200, "Europe/Berlin", all_day=False, invitees=(GRETE,), length=3_600),),
)  # fmt: skip


def damaged(dice: Random) -> bytes:
    """Damage one of the vectors as mail programs, gateways and enemies do."""
    raw = bytearray(dice.choice(VECTORS).read_bytes())
    for _ in range(dice.randint(1, 6)):
        raw = dice.choice(DAMAGES)(raw, dice) or raw
    return bytes(raw)


def _flip(raw: bytearray, dice: Random) -> bytearray:
    for _ in range(dice.randint(1, 20)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.randrange(256)
    return raw


def _cut(raw: bytearray, dice: Random) -> bytearray:
    start, end = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
    return raw[:start] + raw[end:]


def _double(raw: bytearray, dice: Random) -> bytearray:
    start, end = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
    return raw[:end] + raw[start : start + 4_000] + raw[end:]


def _lines(raw: bytearray, dice: Random) -> bytearray:
    lines = bytes(raw).splitlines(keepends=True)
    dice.shuffle(lines)
    return bytearray(b"".join(lines[: dice.randint(0, len(lines))]))


def _mixed(raw: bytearray, dice: Random) -> bytearray:
    other = dice.choice(VECTORS).read_bytes()
    return raw[: dice.randrange(len(raw) + 1)] + other[dice.randrange(len(other) + 1) :]


def _long(raw: bytearray, dice: Random) -> bytearray:
    place = dice.randrange(len(raw) + 1)
    piece = dice.choice([b";", b'"', b"(", b"<", b"=3D", b"\r\n ", b",", b"\\", b"a@b"])
    return raw[:place] + piece * 3_000 + raw[place:]


def _endings(raw: bytearray, dice: Random) -> bytearray:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", dice.choice([b"\r", b"\n", b"\r\r\n", b"\n\n", b"\x00"]))


DAMAGES = (_flip, _cut, _double, _lines, _mixed, _long, _endings)


def outcomes(dice: Random, count: int) -> Iterator[Outcome]:
    for _ in range(count):
        mail = imip.from_bytes(damaged(dice))
        verdict = imip.unanswered(mail)
        if verdict is None:
            verdict = weigh(mail.messages[0], EVENT, (), mail.sender, Proofs(vouched=True), 1_793_610_060)
        assert verdict.reason
        yield verdict.outcome


@pytest.mark.parametrize("block", range(MANY // BLOCK))
def test_every_damaged_message_ends_under_a_name(block: int) -> None:
    assert set(outcomes(Random(block), BLOCK)) <= set(Outcome)


def test_reading_damaged_messages_needs_little_memory() -> None:
    tracemalloc.start()
    try:
        list(outcomes(Random(0), 100))
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
