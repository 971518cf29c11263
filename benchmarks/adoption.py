"""Attach to a CRM with a million appointments and measure: until one calendar is served, and reads meanwhile.

    python -m benchmarks.adoption [--rows 1000000] [--diaries 500] [--url sqlite:////tmp/x.db | postgresql://…]

The CRM's tables are filled first, as if they had always been there; then the gateway moves in, its worker adopts in a
process of its own, and this one asks for calendars at random: how long until each is served, and how long reads of
calendars that are served already take meanwhile. Figures are wall-clock seconds and milliseconds of this machine.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from gateway.crm import tables as t
from gateway.errors import NotAdopted
from gateway.services import moving_in, reading, tokens
from gateway.services.house import DAY, House
from gateway.settings import Settings, load_settings
from gateway.store import objects
from gateway.store.tables import calendar
from gateway.worker import run

_LEFT = select(func.count().label("left")).where(calendar.c.adopted.is_(False))
PEOPLE = 5  # rows of a meeting: the mother and four daughters
BATCH = 20_000


def fill(connection: Connection, rows: int, diaries: int, today: int) -> None:
    """Write associates and meetings of PEOPLE rows each, spread over a year back and a year ahead."""
    everybody = range(1, diaries + 1)
    names = [{"person_id": i, "firstname": f"P{i}", "lastname": "Bench"} for i in everybody]
    connection.execute(insert(t.person), names)
    connection.execute(
        insert(t.associate), [{"associate_id": i, "name": f"p{i}", "person_id": i, "type": 0} for i in everybody]
    )
    addresses = [{"email_id": i, "person_id": i, "email_address": f"p{i}@bench.example", "rank": 1} for i in everybody]
    connection.execute(insert(t.email), addresses)
    dice = random.Random(7)
    for start in range(0, rows // PEOPLE, BATCH // PEOPLE):
        meetings = range(start, min(start + BATCH // PEOPLE, rows // PEOPLE))
        texts = [{"text_id": m + 1, "type": 4, "owner_id": m * PEOPLE + 1, "text": f"Meeting {m}"} for m in meetings]
        connection.execute(insert(t.text), texts)
        connection.execute(insert(t.appointment), [r for m in meetings for r in _meeting(m, diaries, today, dice)])


def _meeting(m: int, diaries: int, today: int, dice: random.Random) -> list[dict[str, int]]:
    begin = today + dice.randrange(-350, 365) * DAY + dice.randrange(8, 17) * 3_600
    mother = m * PEOPLE + 1
    who = dice.sample(range(1, diaries + 1), PEOPLE)
    shared = {"mother_id": mother, "text_id": m + 1, "do_by": begin, "activeDate": begin, "endDate": begin + 3_600,
              "registered": today}  # fmt: skip
    first = {"appointment_id": mother, "associate_id": who[0], "invitedPersonId": who[0], "type": 1, "status": 1}
    others = [{"appointment_id": mother + i, "associate_id": w, "invitedPersonId": w} for i, w in enumerate(who[1:], 1)]
    return [first | shared] + [o | shared | {"type": 6, "status": dice.choice((5, 7, 9))} for o in others]


def _worker(settings: Settings) -> None:
    run(settings, multiprocessing.Event())


def measure(settings: Settings, diaries: int, asked: int) -> None:
    """Move in, let the worker adopt, and ask for calendars until all are adopted."""
    house = House(settings)
    moving_in.init(house)
    dice = random.Random(11)
    secrets = {i: tokens.grant(house, f"p{i}", "caldav") for i in dice.sample(range(1, diaries + 1), asked)}
    worker = multiprocessing.get_context("spawn").Process(target=_worker, args=(settings,), daemon=True)
    began = time.monotonic()
    worker.start()
    waits: list[float] = []
    reads: list[float] = []
    served: list[int] = []
    for i, secret in secrets.items():
        start = time.monotonic()
        while not _read(house, secret):
            for other in served[-3:]:
                then = time.monotonic()
                _read(house, secrets[other])
                reads.append((time.monotonic() - then) * 1000)
            time.sleep(0.02)
        waits.append(time.monotonic() - start)
        served.append(i)
    print(f"calendar asked for until served: median {statistics.median(waits):.2f} s, longest {max(waits):.2f} s")
    if reads:
        quick = sorted(reads)
        middle, high = statistics.median(quick), quick[int(len(quick) * 0.95)]
        print(
            f"reads meanwhile: median {middle:.0f} ms, 95 % {high:.0f} ms, longest {quick[-1]:.0f} ms of {len(quick)}"
        )
    while house.store.row(_LEFT)["left"]:  # type: ignore[index]
        time.sleep(0.5)
    print(f"all adopted after {time.monotonic() - began:.0f} s")
    worker.terminate()


def _read(house: House, secret: str) -> bool:
    try:
        entry = reading.enter(house, secret, "caldav")
    except NotAdopted:
        return False
    objects.listing(house.store, entry.calendar_id)
    return True


def main() -> None:
    """Fill and measure."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--rows", type=int, default=1_000_000)
    ask.add_argument("--diaries", type=int, default=500)
    ask.add_argument("--asked", type=int, default=25)
    ask.add_argument("--url", default="")
    given = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.url or f"sqlite:///{Path(folder) / 'bench.db'}"
        settings = load_settings(database_url=url, crm_embedded=False, outbound="external")
        house = House(settings)
        began = time.monotonic()
        with house.store.writing() as connection:
            if not house.store.sqlite:
                connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS crm")
            t.create_tables(connection)
            fill(connection, given.rows, given.diaries, house.today() // DAY * DAY)
        house.store.close()
        print(f"filled {given.rows} appointments in {time.monotonic() - began:.0f} s")
        measure(settings, given.diaries, given.asked)


if __name__ == "__main__":
    main()
