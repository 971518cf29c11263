"""A small filled database for tests: four people of a cider house, somebody outside, a room, and what they plan.

    seeded = seed(database_url)                          # tables, triggers, people; everything published
    mother = seeded.meeting("Orchard planning")          # Ada invites Bo, Carla and the tasting room, for tomorrow
    secret = seeded.token("BO", "caldav")                # a token as a client holds it
    seeded.answer(mother, BO, status=1)                  # what the CRM does when Bo accepts
    seeded.house                                         # the House that services take

Times are told as days from today and hours of the base zone's wall clock, so that nothing ever falls out of the reach
of a calendar. Rows are written by SQLAlchemy Core into the CRM's tables, as its own SQL would; the triggers mark them,
and every method here but `crm` publishes before it returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, update

from gateway import migrations
from gateway.crm import ids, tables
from gateway.ports import Clock, SystemClock
from gateway.services import publish, tokens
from gateway.services.house import DAY, House
from gateway.settings import load_settings
from gateway.store import residence
from gateway.store.marks import Lane

HOUR: Final = 3_600
ADA, BO, DAG, ROOM = 7, 10, 13, 41  # associate ids; Ada owns what is planned unless somebody else is named
CARLA: Final = 42  # a person outside, without a login
MAILBOXES: Final = {
    ADA: "ada@hillside.example",
    BO: "bo@hillside.example",
    DAG: "dag@hillside.example",
    CARLA: "carla@moreau.example",
}
MEETING: Final = 8  # the task "Meeting"

PEOPLE: Final[dict[Table, list[dict[str, Any]]]] = {
    tables.contact: [
        {"contact_id": 2, "name": "Hillside Cider"},
        {"contact_id": 13, "name": "Moreau Barrels"},
    ],
    tables.person: [
        {"person_id": 15, "contact_id": 2, "firstname": "Ada", "lastname": "Lindqvist"},
        {"person_id": 18, "contact_id": 2, "firstname": "Bo", "lastname": "Tangen"},
        {"person_id": 149, "contact_id": 2, "firstname": "Dag", "lastname": "Whitfield"},
        {"person_id": CARLA, "contact_id": 13, "firstname": "Carla", "lastname": "Moreau"},
    ],
    tables.associate: [
        {"associate_id": ADA, "name": "ADA", "person_id": 15, "type": 0, "isLocation": 0},
        {"associate_id": BO, "name": "BO", "person_id": 18, "type": 0, "isLocation": 0},
        {"associate_id": DAG, "name": "DAG", "person_id": 149, "type": 0, "isLocation": 0},
        {"associate_id": ROOM, "name": "TASTING ROOM", "person_id": 0, "type": 1, "isLocation": 1},
    ],
    tables.email: [
        {"email_id": 315, "contact_id": 2, "person_id": 15, "email_address": MAILBOXES[ADA], "rank": 1},
        {"email_id": 318, "contact_id": 2, "person_id": 18, "email_address": MAILBOXES[BO], "rank": 1},
        {"email_id": 449, "contact_id": 2, "person_id": 149, "email_address": MAILBOXES[DAG], "rank": 1},
        {"email_id": 342, "contact_id": 13, "person_id": CARLA, "email_address": MAILBOXES[CARLA], "rank": 1},
    ],
    tables.task: [{"Task_id": MEETING, "name": "Meeting", "record_type": 1, "direction": 3}],
}
# How the rows of those who are invited begin their life: (type, status), by what they are to the CRM.
ASKED: Final = (6, 5)
SETTLED: Final = (1, 1)
TO_DO: Final[dict[tuple[int, int], tuple[int, int]]] = {ASKED: (7, 5), SETTLED: (2, 1)}


@dataclass
class Seeded:
    """A filled database, and the few things that tests want done to it."""

    url: str
    house: House

    @contextmanager
    def crm(self) -> Iterator[Connection]:
        """Open a transaction in which to write CRM rows by hand; nothing is published at its end."""
        with self.house.store.writing() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self.house.store.close()

    def publish(self) -> None:
        """Publish whatever is marked, in both lanes."""
        for lane in (Lane.NOW, Lane.LATER, Lane.NOW):
            publish.catch_up(self.house, lane)

    def token(self, login: str, scope: str = "caldav", *, vouch: bool = False) -> str:
        """Grant a token to a login and give its secret; scopes are caldav, feed, busy and api."""
        return tokens.grant(self.house, login, scope, vouch=vouch, label="a test")

    def meeting(  # what a meeting is made of is a list of names
        self,
        title: str,
        *,
        owner: int = ADA,
        invited: tuple[int, ...] = (BO,),
        external: tuple[int, ...] = (CARLA,),
        rooms: tuple[int, ...] = (ROOM,),
        days: int = 1,
        hour: int = 10,
        minutes: int = 90,
        todo: bool = False,
        **columns: Any,
    ) -> int:
        """Let `owner` invite associates, persons outside and rooms; gives the mother's appointment_id.

        `columns` are CRM columns of every row (location, private, freeBusy …); with `todo` it is something to be done.
        """
        asked, settled = (TO_DO[ASKED], TO_DO[SETTLED]) if todo else (ASKED, SETTLED)
        mothers = [{"associate_id": owner, **_life(settled)}]
        daughters = [{"associate_id": a, **_life(asked)} for a in invited]
        daughters += [{"invitedPersonId": p, **_life(settled)} for p in external]
        daughters += [{"associate_id": r, **_life(settled)} for r in rooms]
        shared = self._when(days, hour, minutes) | {"task_idx": MEETING, **columns}
        with self.crm() as connection:
            numbers = ids.draw(connection, tables.appointment, 1 + len(daughters))
            text_id = _text(connection, title, numbers[0])
            some = [
                {"appointment_id": number, "mother_id": numbers[0], "text_id": text_id, **shared, **row}
                for number, row in zip(numbers, mothers + daughters, strict=True)
            ]
            for row in some:  # one by one, because their columns differ
                connection.execute(insert(tables.appointment).values(**row))
        self.publish()
        return numbers[0]

    def appointment(
        self, title: str, *, owner: int = ADA, days: int = 1, hour: int = 15, minutes: int = 60, **columns: Any
    ) -> int:
        """Let `owner` note something in their own diary: a plain row; gives its appointment_id."""
        with self.crm() as connection:
            number = ids.draw(connection, tables.appointment)[0]
            row = {"appointment_id": number, "associate_id": owner, **_life(SETTLED), **self._when(days, hour, minutes)}
            row |= {"text_id": _text(connection, title, number), "task_idx": MEETING, **columns}
            connection.execute(insert(tables.appointment).values(**row))
        self.publish()
        return number

    def series(  # what a series is made of is a list of names
        self,
        title: str,
        count: int = 4,
        *,
        owner: int = ADA,
        invited: tuple[int, ...] = (BO,),
        external: tuple[int, ...] = (CARLA,),
        rooms: tuple[int, ...] = (ROOM,),
        days: int = 1,
        hour: int = 10,
        minutes: int = 90,
        **columns: Any,
    ) -> list[int]:
        """Let `owner` invite to a weekly series: a rule, one text, and for each occurrence rows of its own.

        Without anybody invited the rows are plain. Gives the mothers' appointment_ids.
        """
        people = [{"associate_id": owner, **_life(SETTLED)}, *({"associate_id": a, **_life(ASKED)} for a in invited)]
        people += [{"associate_id": 0, "invitedPersonId": p, **_life(SETTLED)} for p in external]
        people += [{"associate_id": r, **_life(SETTLED)} for r in rooms]
        first, last = (self._when(days + 7 * n, hour, minutes)["do_by"] for n in (0, count - 1))
        rule = {"pattern": 2, "weekdays": 1 << (first // DAY + 3) % 7, "cyclicWeek": 1}
        with self.crm() as connection:
            rule_id = ids.insert_with_ids(
                connection, tables.recurrencerule, [rule | {"startDate": first, "endDate": last}]
            )[0]
            numbers = ids.draw(connection, tables.appointment, count * len(people))
            mothers = numbers[:: len(people)]
            shared = {"text_id": _text(connection, title, mothers[0]), "task_idx": MEETING, "recurrenceRuleId": rule_id}
            rows = [
                {"invitedPersonId": 0, **person, "mother_id": mother if people[1:] else 0, **shared, **columns}
                | self._when(days + 7 * n, hour, minutes)
                for n, mother in enumerate(mothers)
                for person in people
            ]
            rows = [{"appointment_id": number, **row} for number, row in zip(numbers, rows, strict=True)]
            connection.execute(insert(tables.appointment), rows)
            seen = [{"tableId": 9, "recordId": n, "appointmentId": n, "forAll": 1} for n in numbers]
            ids.insert_with_ids(connection, tables.visiblefor, seen)
        self.publish()
        return mothers

    def to_do(
        self,
        title: str,
        *,
        owner: int = ADA,
        invited: tuple[int, ...] = (),
        external: tuple[int, ...] = (),
        **more: Any,
    ) -> int:
        """Let `owner` plan something to be done, alone or with others; no end, as such rows often have none."""
        columns = {"endDate": 0, **more}
        if invited or external:
            return self.meeting(title, owner=owner, invited=invited, external=external, rooms=(), todo=True, **columns)
        return self.appointment(title, owner=owner, **{"type": 2, **columns})

    def answer(self, mother: int, associate: int, *, status: int, reason: str = "") -> None:
        """Let an associate answer in the CRM: 1 accepts (type 1), everything else keeps type 6."""
        a = tables.appointment.c
        values = {"type": 1 if status == 1 else 6, "status": status, "rejectReason": reason}
        with self.crm() as connection:
            where = (a.mother_id == mother) & (a.associate_id == associate)
            connection.execute(update(tables.appointment).where(where).values(**values))
        self.publish()

    def move(self, mother: int, *, days: int, hour: int, minutes: int = 90) -> None:
        """Let the owner move a meeting, all its rows at once, as the CRM's SQL does."""
        a = tables.appointment.c
        with self.crm() as connection:
            statement = update(tables.appointment).where(a.mother_id == mother)
            connection.execute(statement.values(**self._when(days, hour, minutes)))
        self.publish()

    def delete(self, mother: int) -> None:
        """Let every row of a meeting, or a plain row, vanish from the CRM without a word."""
        a = tables.appointment.c
        with self.crm() as connection:
            where = (a.mother_id == mother) | (a.appointment_id == mother)
            connection.execute(delete(tables.appointment).where(where))
        self.publish()

    def _when(self, days: int, hour: int, minutes: int) -> dict[str, int]:
        """Give the CRM's three times: wall seconds of the base zone."""
        today = self.house.today()
        start = today - today % DAY + days * DAY + hour * HOUR
        return {"do_by": start, "activeDate": start, "endDate": start + minutes * 60}


def seed(url: str, *, adopted: bool = True, people: bool = True, clock: Clock | None = None, **settings: Any) -> Seeded:
    """Make the tables and the people in an empty database; `settings` are those of `gateway.settings`.

    With `adopted=False` no calendar is adopted, as in a CRM that stood there before us; with `people=False` the tables
    stay empty.
    """
    chosen = load_settings(environ={}, database_url=url, **settings)
    house = House(chosen, clock or SystemClock())
    with house.store.writing() as connection:
        migrations.upgrade(connection, embedded=True)
        residence.move_in(connection, chosen.timezone, 0, adopted=adopted)
    with house.store.writing() as connection:
        for table, rows in PEOPLE.items() if people else ():
            connection.execute(insert(table), rows)
    seeded = Seeded(url, house)
    seeded.publish()
    return seeded


def _life(pair: tuple[int, int]) -> dict[str, int]:
    return {"type": pair[0], "status": pair[1]}


def _text(connection: Connection, title: str, owner: int) -> int:
    values = {"type": 4, "owner_id": owner, "text": title}
    return ids.insert_with_ids(connection, tables.text, [values])[0]
