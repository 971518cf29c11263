"""Private words cannot be found by anything that anyone else asks, at any door.

Two houses have the same people, clock and rows, and differ only in the words of what is private. Whoever may not read
those asks both of them everything in `tests.doors`, the very words among it; and both answer the same octets: status,
headers, body, log lines. And where a house's private words change, others see no change at all, not even that there
was one.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pytest
import structlog
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, assume, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from gateway import cli, create_app
from gateway.crm import tables as crm
from gateway.diary import Diary
from gateway.services.ingest import ingest
from gateway.store import objects, published
from gateway.store import tables as t
from mappings import times
from tests import doors
from tests.calling import Answered, Caller, basic
from tests.copies import Fresh, copies
from tests.doors import Known, Request
from tests.outside import Clock, Follower, calendars, contents, reply
from tests.planned import MIDNIGHT, OSLO, series, visible_to
from tests.seed import ADA, BO, ROOM, Seeded, seed

NOW: Final = times.instant(MIDNIGHT + 10 * 3_600, OSLO)
DAYS: Final = (date(2026, 8, 5), date(2026, 9, 5))
GUEST, BARE, TASK, AGENDA, NOTES = 43, 44, 9, 900, 901  # rows that only what is private points at
ROOM_LOGIN: Final = "TASTING ROOM"
_a = crm.appointment.c

line = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40)
name = st.text(st.characters(categories=("Ll", "Lu"), max_codepoint=0x17F), min_size=2, max_size=20)
mailbox = st.from_regex(r"[a-z]{3,12}@[a-z]{3,9}\.example", fullmatch=True)
video = st.from_regex(r"https://[a-z]{3,20}\.example/[a-z0-9]{0,30}", fullmatch=True)
WORDS: Final = st.fixed_dictionaries({
    "title": line, "description": line, "agenda": line, "notes": line, "place": line, "task": line, "reason": line,
    "comment": line, "first": name, "last": name, "mailbox": mailbox, "bare": mailbox, "beside": name,
    "organizer": mailbox, "chair": name, "there": name, "video": video,
    "alarm": st.integers(1, 500), "priority": st.integers(1, 3), "answer": st.sampled_from(("ACCEPTED", "TENTATIVE")),
})  # fmt: skip
Words = Mapping[str, Any]


@dataclass
class Scene:
    """What is private in every copy of the house, and the secrets of those who ask."""

    private: list[int]
    external: int
    secrets: dict[str, str]


def prepared(seeded: Seeded) -> Scene:
    """Let Ada plan all kinds of things that only their participants may read, and some that everybody may."""
    with seeded.crm() as connection:
        connection.execute(insert(crm.person).values(person_id=GUEST, contact_id=13, firstname="-", lastname="-"))
        connection.execute(insert(crm.email), [
            {"email_id": GUEST, "person_id": GUEST, "email_address": "-@-.example", "rank": 1},
            {"email_id": BARE, "person_id": 0, "email_address": "-@-.example", "rank": 1, "description": "-"},
        ])  # fmt: skip
        connection.execute(insert(crm.task).values(Task_id=TASK, name="-", record_type=1, direction=3))
        texts = [{"text_id": number, "type": 4, "text": "-"} for number in (AGENDA, NOTES)]
        connection.execute(insert(crm.text), texts)
    more: dict[str, Any] = {"task_idx": TASK, "agenda_text_id": AGENDA, "internal_notes_text_id": NOTES}
    more |= {"location": "-", "external": (GUEST,)}
    meeting = seeded.meeting("-", days=1, **more)
    cancelled = seeded.meeting("-", days=2, **more)
    by_number = seeded.meeting("-", days=3, private=1, **more)
    of_group = seeded.meeting("-", days=4, **more)
    todo = seeded.meeting("-", days=5, todo=True, rooms=(ROOM,), **more)
    elsewhere = seeded.meeting("-", days=6, owned_externally=2, external_participants="[]", **{**more, "external": ()})
    plain = seeded.appointment("-", days=7, location="-", task_idx=TASK)
    occurrences = series(seeded, "-", 3, **more)
    with seeded.crm() as connection:
        row = {"invitation_id": elsewhere, "appointment_id": elsewhere, "event_uid": "uid-of-elsewhere",
               "organizer_email": "-@-.example", "organizer_fullname": "-"}  # fmt: skip
        connection.execute(insert(crm.invitation).values(**row))
    for mother in (meeting, cancelled, todo, elsewhere, plain, *occurrences):
        visible_to(seeded, mother, associate=ADA, private=1)
    visible_to(seeded, of_group, group=77, private=2)
    seeded.meeting("Everybody's business", days=1, hour=14, location="Orchard")
    private = [meeting, cancelled, by_number, of_group, todo, elsewhere, plain, *occurrences]
    secrets = {
        "room": seeded.token(ROOM_LOGIN), "dag": seeded.token("DAG"), "dag's program": seeded.token("DAG", "api"),
        "room's feed": seeded.token(ROOM_LOGIN, "feed"), "room's busy feed": seeded.token(ROOM_LOGIN, "busy"),
        "dag's feed": seeded.token("DAG", "feed"), "ada's busy feed": seeded.token("ADA", "busy"),
    }  # fmt: skip
    seeded.publish()
    return Scene(private, elsewhere, secrets)


def write(seeded: Seeded, scene: Scene, words: Words) -> None:
    """Put private words into a house, wherever the CRM keeps some, and let it publish them."""
    own = update(crm.appointment).where(_a.associate_id.in_((ADA, BO)), _a.mother_id.in_(scene.private))
    with seeded.crm() as connection:
        of_private = _a.appointment_id.in_(scene.private) | _a.mother_id.in_(scene.private)
        texts = select(_a.text_id).where(of_private)
        title = update(crm.text).where(crm.text.c.text_id.in_(texts))
        connection.execute(title.values(text=f"{words['title']}\n{words['description']}"))
        for number, word in ((AGENDA, "agenda"), (NOTES, "notes")):
            connection.execute(update(crm.text).where(crm.text.c.text_id == number).values(text=words[word]))
        said = {"location": words["place"], "join_videomeet_url": words["video"]}
        connection.execute(update(crm.appointment).where(of_private).values(**said))
        connection.execute(own.values(hasAlarm=1, alarm=words["alarm"], priority_idx=words["priority"]))
        connection.execute(update(crm.task).where(crm.task.c.Task_id == TASK).values(name=words["task"]))
        whole = {"firstname": words["first"], "lastname": words["last"]}
        connection.execute(update(crm.person).where(crm.person.c.person_id == GUEST).values(**whole))
        address = update(crm.email).where(crm.email.c.email_id == GUEST)
        connection.execute(address.values(email_address=words["mailbox"], description=words["beside"]))
        there = [{"EmailAddress": words["bare"], "Description": words["there"], "ExternallyOwnedType": "Required"}]
        outside = update(crm.appointment).where(_a.appointment_id == scene.external)
        connection.execute(outside.values(external_participants=json.dumps(there)))
        chair = {"organizer_email": words["organizer"], "organizer_fullname": words["chair"]}
        connection.execute(update(crm.invitation).values(**chair))
        refused = update(crm.appointment).where(_a.mother_id == scene.private[2], _a.associate_id == BO)
        connection.execute(refused.values(status=9, rejectReason=words["reason"]))
    seeded.publish()


def answer(seeded: Seeded, scene: Scene, words: Words) -> None:
    """Let Bo answer by mail with a comment, and the owner cancel one meeting: its copies are frozen as they were."""
    mothers = {e["mother_id"]: e["uid"] for e in contents(seeded.house, t.event)}
    raw = reply(
        mothers[scene.private[0]], "bo@hillside.example", words["answer"], comment=words["comment"], message="m"
    )
    ingest(seeded.house, raw, door="mail", vouched=True)
    with seeded.crm() as connection:
        daughters = (_a.mother_id == scene.private[1]) & (_a.appointment_id != scene.private[1])
        connection.execute(update(crm.appointment).where(daughters).values(status=10))
    seeded.publish()


def known(seeded: Seeded, scene: Scene, *houses: Words) -> Known:
    """Give what those who ask may have guessed: everything that is written in either house."""
    events = [e for e in contents(seeded.house, t.event) if e["mother_id"] in scene.private or e["rule_id"]]
    guesses = [str(w) for words in houses for w in words.values()]
    guesses += [w[: len(w) // 2] for w in guesses if len(w) > 3] + ["Busy"]
    return Known([e["name"] for e in events], [e["uid"] for e in events], scene.private, guesses, DAYS)


class Asker:
    """Whoever may not read: everything they ask of one house, and what they get."""

    def __init__(self, seeded: Seeded, scene: Scene) -> None:
        self.seeded, self.scene = seeded, scene
        self.call = Caller(create_app(seeded.house.settings, seeded.house))
        self.heard: dict[str, Any] = {}

    def ask(self, it: Request) -> Answered:
        secret = self.scene.secrets.get(it.who, "")
        login = {"room": ROOM_LOGIN, "dag": "DAG"}.get(it.who, "")
        self.call.authorization = basic(login, secret) if login else f"Bearer {secret}" if it.path == "/itip" else None
        with structlog.testing.capture_logs() as lines:
            answered = self.call(it.method, it.path, it.body, **it.headers)
        told = [{k: v for k, v in entry.items() if k != "ms"} for entry in lines]
        self.heard[it.name] = (answered.status, answered.headers, answered.body, told)
        return answered

    def look(self, known: Known) -> None:
        """Ask everything that leaves no trace."""
        for login, who in ((ROOM_LOGIN, "room"), ("DAG", "dag")):
            for it in doors.requests(login, who, known):
                self.ask(it)
            for calendar in ("diary", "tasks"):
                self.page(who, f"/dav/calendars/{login}/{calendar}/")
        secrets = self.scene.secrets
        for it in doors.subscriptions((who, secret) for who, secret in secrets.items() if "feed" in who):
            self.ask(it)
        for it in doors.strangers(known):
            self.ask(it)

    def page(self, who: str, path: str) -> None:
        """Follow a calendar by pages of one, from nothing."""
        token = ""
        for _ in range(40):
            answered = self.ask(doors.next_page(who, path, token, 1))
            found = re.search(rb"<D:sync-token>(.*?)</D:sync-token>", answered.body)
            assert found, answered
            if found[1].decode() == token:
                return
            token = found[1].decode()
        raise AssertionError("the pages never ended")

    def view(self, known: Known) -> None:
        for login in ("DAG", ROOM_LOGIN):
            diary = Diary(self.seeded.house, login)
            for label, look in doors.views(known):
                self.heard[f"{login} {label}"] = doors.said(lambda d=diary, f=look: f(d))  # type: ignore[misc]
            for typed in doors.words(login, known):
                done = CliRunner().invoke(cli.words, list(typed), obj=self.seeded.house)
                self.heard[f"partstat {typed}"] = (done.exit_code, done.output, repr(done.exception))

    def send(self, known: Known) -> None:
        for it in doors.mails("dag's program", known, ("dag@hillside.example", "stranger@nowhere.example")):
            self.ask(it)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Give what makes the dice fall as they fell before."""

    def again() -> None:
        numbers = itertools.count(1)
        monkeypatch.setattr(published, "nonce", lambda: next(numbers))

    return again


@pytest.fixture
def scenes(database_url: str) -> Iterator[tuple[Fresh, Scene]]:
    made: list[Scene] = []
    with copies(database_url, lambda s: made.append(prepared(s)), clock=Clock(NOW), timezone=OSLO) as fresh:
        yield fresh, made[0]


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Name the questions to which two houses say two different things, and print the first of what they say."""
    found = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    for name in found[:5]:
        said = repr(one.get(name)), repr(other.get(name))
        at = max(0, next((n for n, (a, b) in enumerate(zip(*said, strict=False)) if a != b), 0) - 300)
        print(name[:300], *(text[at : at + 600] for text in said), sep="\n    ", end="\n\n")
    return [name[:100] for name in found]


# Each example is two whole houses and thousands of questions: few are tried, and none is made smaller.
FEW: Final = settings(
    max_examples=2,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


LONG: Final[Words] = {
    **dict.fromkeys(("title", "description", "agenda", "notes", "place", "task", "reason", "comment"), "Merger " * 30),
    **dict.fromkeys(("first", "last", "beside", "chair", "there"), "Moreau"),
    **dict.fromkeys(("mailbox", "bare", "organizer"), "carla.moreau@barrels.example"),
    "video": "https://meet.example/merger",
    "alarm": 30,
    "priority": 2,
    "answer": "TENTATIVE",
}
SHORT: Final[Words] = {
    **dict.fromkeys(("title", "description", "agenda", "notes", "place", "task", "reason", "comment"), "x"),
    **dict.fromkeys(("first", "last", "beside", "chair", "there"), "Å"),
    **dict.fromkeys(("mailbox", "bare", "organizer"), "a@b.example"),
    "video": "https://b.example/",
    "alarm": 5,
    "priority": 1,
    "answer": "ACCEPTED",
}


@FEW
@given(WORDS, WORDS)
@example(LONG, SHORT)
def test_what_others_hear_is_the_same_whatever_is_written_in_private(
    scenes: tuple[Fresh, Scene], steady: Callable[[], None], here: Words, there: Words
) -> None:
    assume(here != there)
    fresh, scene = scenes
    heard: list[dict[str, Any]] = []
    for words in (here, there):
        steady()
        with fresh() as seeded:
            write(seeded, scene, words)
            answer(seeded, scene, words)
            asker, guessed = Asker(seeded, scene), known(seeded, scene, here, there)
            asker.look(guessed)
            asker.view(guessed)
            asker.send(guessed)
            heard.append(asker.heard)
    assert differing(*heard) == []
    understood = [said for said in heard[0].values() if isinstance(said, tuple) and said[0] in (200, 207)]
    print(len(heard[0]), "questions", len(understood), "answered")
    assert len(understood) > 300
    assert any(b"SUMMARY:Busy" in said[2] for said in understood)


@FEW
@given(WORDS, WORDS)
@example(LONG, SHORT)
def test_a_change_of_private_words_changes_nothing_for_others(
    scenes: tuple[Fresh, Scene], steady: Callable[[], None], before: Words, after: Words
) -> None:
    assume(before != after)
    fresh, scene = scenes
    steady()
    with fresh() as seeded:
        write(seeded, scene, before)
        answer(seeded, scene, before)
        guessed = known(seeded, scene, before, after)
        heard: list[dict[str, Any]] = []
        for words in (before, after):
            write(seeded, scene, words)
            asker = Asker(seeded, scene)
            asker.look(guessed)
            heard.append(asker.heard)
    assert differing(*heard) == []


def test_a_cloaked_copy_changes_when_what_it_shows_does_and_at_nothing_else(database_url: str) -> None:
    seeded = seed(database_url)
    mother = seeded.meeting("Merger", private=1)
    room = Follower(seeded.house, calendars(seeded.house)[ROOM_LOGIN])

    def rows(**columns: Any) -> None:
        with seeded.crm() as connection:
            connection.execute(update(crm.appointment).where(_a.mother_id == mother).values(**columns))
        seeded.publish()

    def text() -> None:
        with seeded.crm() as connection:
            connection.execute(update(crm.text).values(text="Another merger"))
        seeded.publish()

    def own(free: int) -> None:
        with seeded.crm() as connection:
            mine = (_a.mother_id == mother) & (_a.associate_id == ROOM)
            connection.execute(update(crm.appointment).where(mine).values(freeBusy=free))
        seeded.publish()

    acts: list[tuple[Callable[[], None], bool]] = [
        (lambda: seeded.answer(mother, BO, status=1), False),
        (text, False),
        (lambda: rows(location="Cellar"), False),
        (lambda: seeded.move(mother, days=2, hour=9), True),
        (lambda: seeded.answer(mother, BO, status=9), False),
        (lambda: rows(private=0), True),
        (lambda: seeded.answer(mother, BO, status=1), True),
        (lambda: rows(location="Orchard"), True),
        (lambda: rows(private=2), True),
        (lambda: seeded.answer(mother, BO, status=9), False),
        (lambda: own(free=1), True),  # whether it takes the room's time
        (lambda: seeded.answer(mother, BO, status=1), False),
        (lambda: rows(location="Press house", freeBusy=0), True),
        (lambda: rows(location="Cellar"), False),
        (lambda: seeded.delete(mother), True),
    ]
    room.sync()
    for number, (act, seen) in enumerate(acts):
        before, token = dict(room.held), room.token
        tags = {i.schedule_tag for i in objects.listing(seeded.house.store, room.calendar)}
        act()
        room.sync()
        assert room.agrees(), number
        assert (room.held != before) is seen, number
        assert (room.token != token) is seen, number
        after = {i.schedule_tag for i in objects.listing(seeded.house.store, room.calendar)}
        assert after == tags or seen, number
    seeded.close()
