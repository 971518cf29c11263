"""The owner hears by mail of what only a person can answer; nobody else does, and no machine is answered."""

from __future__ import annotations

import pytest

from gateway.services import noting
from gateway.services.ingest import ingest
from gateway.store import tables as t
from mappings.model import Outcome
from tests.mailing import CARLA_MAIL, Scene, invited
from tests.outside import contents, reply

ADA_MAIL = "ada@hillside.example"


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """A meeting of which Carla has been told."""
    invited(scene)
    scene.told()
    return scene


def words(scene: Scene, *head: str, to: str = "", text: str = "I accept! But where do we park?") -> bytes:
    lines = [f"From: Carla <{CARLA_MAIL}>", f"To: {to or scene.server.taken[0].sender}", "Subject: Re: Orchard", *head]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", text, ""]).encode()


def brought(scene: Scene, raw: bytes) -> Outcome:
    return ingest(scene.seeded.house, raw, door="lmtp", vouched=False).outcome


def test_21_words_alone_go_to_the_owner_and_answer_nothing(scene: Scene) -> None:
    assert brought(scene, words(scene)) is Outcome.NO_CHANGE
    (told,) = scene.send()
    assert (told.recipients, told.sender) == ([ADA_MAIL], "<>")  # so that no bounce comes back
    assert str(told.mail["Subject"]) == "carla@moreau.example wrote about Orchard planning"
    assert str(told.mail["Reply-To"]) == CARLA_MAIL
    plain = told.mail.get_body(("plain",))
    assert plain is not None
    assert "where do we park?" in plain.get_content()
    assert contents(scene.seeded.house, t.answer) == []


def test_words_are_known_by_the_mail_that_they_answer(scene: Scene) -> None:
    first = scene.server.taken[0].mail["Message-ID"]
    brought(scene, words(scene, f"In-Reply-To: {first}", to="answers@gateway.example"))
    assert [m.recipients for m in scene.send()] == [[ADA_MAIL]]


@pytest.mark.parametrize("head", ["Auto-Submitted: auto-replied", "Precedence: bulk"])
def test_70_an_out_of_office_is_told_to_nobody(scene: Scene, head: str) -> None:
    assert brought(scene, words(scene, head)) is Outcome.NO_CHANGE
    assert scene.send() == []


def test_words_about_nothing_of_ours_go_nowhere(scene: Scene) -> None:
    brought(scene, words(scene, to="answers@gateway.example"))
    assert scene.send() == []


def test_30_who_is_not_invited_is_told_to_the_owner_and_hears_nothing(scene: Scene) -> None:
    (event,) = contents(scene.seeded.house, t.event)
    raw = reply(event["uid"], "pia@else.example", "ACCEPTED")
    assert brought(scene, raw) is Outcome.REFUSED_NOT_INVITED
    (told,) = scene.send()
    assert told.recipients == [ADA_MAIL]
    assert "pia@else.example, who is not invited" in str(told.mail["Subject"])


def test_26_64_what_is_held_is_told_to_the_owner_unless_its_domain_wants_it_rejected(scene: Scene) -> None:
    (event,) = contents(scene.seeded.house, t.event)
    assert brought(scene, reply(event["uid"], CARLA_MAIL, "ACCEPTED")) is Outcome.HELD
    (told,) = scene.send()
    assert (told.recipients, "not proved" in str(told.mail["Subject"])) == ([ADA_MAIL], True)
    scene.seeded.house.settings.__dict__["mail_authserv_id"] = "mx.hillside.example"
    forged = b"Authentication-Results: mx.hillside.example; dmarc=fail (p=reject) header.from=moreau.example\r\n"
    assert brought(scene, forged + reply(event["uid"], CARLA_MAIL, "DECLINED")) is Outcome.HELD
    assert scene.send() == []


def test_the_same_words_are_told_once_and_a_flood_is_not(scene: Scene) -> None:
    for number in range(3 * noting.MOST):
        brought(scene, words(scene, f"X-Number: {number}", text=f"Hello {number // 2}"))
    assert len(scene.send()) == noting.MOST
