"""A program that takes in replies and publishes until it is killed; the tests of `tests/gateway/test_kill.py` kill it.

    python -m tests.toiler URL UID...      then, on its standard input, one line for each life: the number to begin with

Everything is imported once; each line makes a child, whose process id is told. A child tells ``ended NUMBER OUTCOME``
for each message after `ingest` has returned, by one write, so that half a line is never read.
"""

from __future__ import annotations

import os
import random
import sys

from gateway.errors import DatabaseBusy
from gateway.services import ingest, publish
from gateway.services.house import House
from gateway.settings import load_settings
from gateway.store import inbox
from gateway.store.marks import Lane
from tests.outside import reply

PEOPLE = ("bo@hillside.example", "dag@hillside.example", "carla@moreau.example")
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE")
BEGINNING = 1_700_000_000


def message(number: int, uids: list[str]) -> bytes:
    """Write the mail of a number: always the same bytes, and each later than the one before."""
    chance = random.Random(number)
    uid, who, said = chance.choice(uids), chance.choice(PEOPLE), chance.choice(ANSWERS)
    return reply(uid, who, said, sequence=None, stamp=BEGINNING + number, message=str(number), comment=f"No {number}")


def tell(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def toil(url: str, uids: list[str], number: int) -> None:
    """Take in one message after another for as long as one lives."""
    house = House(load_settings(environ={}, database_url=url))
    tell("alive")
    left = []
    with house.store.writing() as connection:
        left = inbox.unjudged(connection, house.clock.now())
    for inbox_id in left:
        ingest.finish(house, inbox_id)
    while True:
        try:
            ended = ingest.ingest(house, message(number, uids), door="mail", vouched=True)
            tell(f"ended {number} {ended.outcome}")
            if number % 3 == 0:
                publish.catch_up(house, random.choice((Lane.NOW, Lane.LATER)))
        except DatabaseBusy:
            continue
        number += 1


def main(url: str, *uids: str) -> None:
    """Have a child for each line that is read, one at a time."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            toil(url, list(uids), int(line))
        tell(f"child {child}")
        os.waitpid(child, 0)
        tell("gone")


if __name__ == "__main__":
    main(*sys.argv[1:])
