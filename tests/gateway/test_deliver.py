"""What is owed to the outside leaves by SMTP: in the one shape that works everywhere, never against anybody's will."""

from __future__ import annotations

import ssl
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import insert, update

from gateway.crm.tables import invitation
from gateway.errors import MailDeferred, NotFound
from gateway.mail import smtp
from gateway.services import adopt, deliver, mails, moving_in
from gateway.services.house import House
from gateway.services.ingest import ingest
from gateway.services.reconcile import reconcile
from gateway.services.verbs import add, cancel, change, remove
from gateway.services.verbs.change import Changes
from gateway.store import outbox
from gateway.store import tables as t
from gateway.store.tables import house
from gateway.worker import Worker
from mappings import plus_address
from mappings.model import Outcome
from tests.dovecot import certify
from tests.mailing import CARLA_MAIL, MAILBOX, NOW, Scene, component, invited, opened
from tests.outside import Clock, contents, reply
from tests.seed import CARLA, seed
from tests.sink import Sink, sink


def test_72_an_invitation_has_the_shape_that_every_client_shows_buttons_for(scene: Scene) -> None:
    invited(scene, "Äpfel: " + "Überraschung " * 12)
    (taken,) = scene.told()
    assert taken.recipients == [CARLA_MAIL]
    mail = taken.mail
    assert mail.get_content_type() == "multipart/mixed"
    alternative, attached = mail.iter_parts()
    assert [p.get_content_type() for p in alternative.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    inline = list(alternative.iter_parts())[-1]
    assert (inline.get_param("method"), inline.get_param("charset")) == ("REQUEST", "UTF-8")
    assert inline.get_content_disposition() is None
    assert inline["Content-Transfer-Encoding"] == "base64"
    data = inline.get_payload(decode=True)
    assert isinstance(data, bytes)
    assert data == attached.get_payload(decode=True)
    assert (attached.get_content_type(), attached.get_filename()) == ("application/ics", "invite.ics")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    data.decode()
    assert "METHOD:REQUEST" in taken.calendar
    assert "BEGIN:VTIMEZONE" in taken.calendar
    assert "VALARM" not in taken.calendar
    assert "X-PARTSTAT" not in taken.calendar
    event = component(taken)
    assert event["ORGANIZER"] == f"mailto:{MAILBOX}"
    assert event["ORGANIZER"].params["CN"] == "Ada Lindqvist"
    carla = next(a for a in _attendees(event) if a == f"mailto:{CARLA_MAIL}")
    assert (carla.params["PARTSTAT"], carla.params["RSVP"], carla.params["CUTYPE"]) == (
        "NEEDS-ACTION",
        "TRUE",
        "INDIVIDUAL",
    )
    assert f"mailto:{MAILBOX}" not in _attendees(event)
    assert str(mail["From"]) == f"Ada Lindqvist <{MAILBOX}>"
    assert str(mail["To"]) == f"Carla Moreau <{CARLA_MAIL}>"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "OOF, AutoReply")
    assert mail["In-Reply-To"] is None
    assert mail["Precedence"] is None
    assert str(mail["Message-ID"]).endswith("@gateway.example>")
    assert mail.defects == []
    assert (str(mail["Content-Language"]), taken.raw.count(b"MIME-Version")) == ("en", 1)
    assert str(mail["Date"]).endswith("+0000")
    assert all(len(line) <= 998 for line in taken.raw.split(b"\r\n"))
    token = plus_address.token_in(taken.sender, MAILBOX)
    assert token is not None
    assert token.row == scene.row_of(CARLA)["appointment_id"]


def _attendees(event: Any) -> list[Any]:
    found = event["ATTENDEE"]
    return found if isinstance(found, list) else [found]


def test_73_a_new_time_asks_again_and_new_words_do_not(scene: Scene) -> None:
    mother = invited(scene)
    (first,) = scene.told()
    scene.seeded.answer(mother, CARLA, status=1)
    assert scene.told() == []  # nobody hears by mail what another guest answered
    change.change(scene.seeded.house, "ada", mother, Changes(title="Orchard and cellar"))
    (changed,) = scene.told()
    scene.seeded.move(mother, days=5, hour=11)
    (moved,) = scene.told()
    sequences = [int(component(m)["SEQUENCE"]) for m in (first, changed, moved)]
    assert sequences[0] == sequences[1] == sequences[2] - 1
    stamps = [component(m)["DTSTAMP"].dt for m in (first, changed, moved)]
    assert stamps == sorted(set(stamps))
    assert component(moved)["UID"] == component(first)["UID"]


def test_74_who_comes_is_asked_and_who_goes_is_told_and_nobody_else_is_troubled(scene: Scene) -> None:
    mother = invited(scene)
    scene.told()
    add.add(scene.seeded.house, "ada", mother, ["eve@orchard.example"])
    (asked,) = scene.told()
    assert (asked.recipients, "METHOD:REQUEST" in asked.calendar) == (["eve@orchard.example"], True)
    remove.remove(scene.seeded.house, "ada", mother, ["eve@orchard.example"])
    (told,) = (m for m in scene.told() if "METHOD:CANCEL" in m.calendar)
    assert told.recipients == ["eve@orchard.example"]
    assert component(told)["STATUS"] == "CANCELLED"
    assert _attendees(component(told)) == ["mailto:eve@orchard.example"]


def test_74_who_has_declined_is_not_told_that_it_is_called_off(scene: Scene) -> None:
    mother = invited(scene)
    add.add(scene.seeded.house, "ada", mother, ["eve@orchard.example"])
    scene.told()
    (event,) = contents(scene.seeded.house, t.event)
    ended = ingest(
        scene.seeded.house, reply(event["uid"], CARLA_MAIL, "DECLINED", organizer=MAILBOX), door="cli", vouched=True
    )
    assert ended.outcome is Outcome.APPLIED
    scene.seeded.publish()
    cancel.cancel(scene.seeded.house, "ada", mother)
    assert [m.recipients for m in scene.told()] == [["eve@orchard.example"]]


def test_75_changes_and_cancellations_stand_under_the_first_mail(scene: Scene) -> None:
    mother = invited(scene)
    (first,) = scene.told()
    change.change(scene.seeded.house, "ada", mother, Changes(title="Cellar"))
    (changed,) = scene.told()
    cancel.cancel(scene.seeded.house, "ada", mother)
    (last,) = scene.told()
    name = str(first.mail["Message-ID"])
    assert str(changed.mail["In-Reply-To"]) == name
    assert str(last.mail["References"]).split() == [name, str(changed.mail["Message-ID"])]
    assert int(component(last)["SEQUENCE"]) == int(component(first)["SEQUENCE"]) + 1
    assert len({component(m)["UID"] for m in (first, changed, last)}) == 1
    assert [m.mail["Subject"] for m in (first, changed, last)] == [
        "Invitation: Orchard planning", "Changed: Cellar", "Cancelled: Cellar"]  # fmt: skip
    assert scene.states() == [("sent", "1.1")] * 3


def test_the_same_mail_is_sent_again_after_a_crash(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    invited(scene)
    scene.settle()
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "ended", die)
        with pytest.raises(Killed):
            scene.send()
    assert scene.states() == [("sending", "1.0")]
    assert scene.send() == []  # somebody may still be at it
    scene.clock.moment += deliver.LEASE
    scene.send()
    first, second = scene.server.taken
    assert first.raw == second.raw
    assert scene.states() == [("sent", "1.1")]


def test_what_is_not_taken_now_is_tried_again_ever_more_patiently(scene: Scene) -> None:
    invited(scene)
    scene.settle()
    scene.server.says = ["451 try later", "451 try later"]
    assert scene.send() == []
    assert scene.send() == []
    assert scene.server.says == ["451 try later"]  # not asked again at once
    scene.clock.moment += deliver.FIRST_PAUSE
    assert scene.send() == []
    scene.clock.moment += deliver.FIRST_PAUSE
    assert scene.send() == []
    scene.clock.moment += 3 * deliver.FIRST_PAUSE
    assert len(scene.send()) == 1


def test_what_is_refused_is_given_up_and_the_others_go(scene: Scene) -> None:
    mother = invited(scene)
    add.add(scene.seeded.house, "ada", mother, ["eve@orchard.example"])
    scene.settle()
    scene.server.says = ["550 no such user"]
    assert len(scene.send()) == 1
    assert sorted(scene.states()) == [("dead", "5.1"), ("sent", "1.1")]


def test_a_server_that_is_away_loses_nothing(scene: Scene, database_url: str) -> None:
    invited(scene)
    scene.settle()
    url, scene.seeded.house.settings.__dict__["smtp_url"] = scene.server.url, "smtp://127.0.0.1:1"
    assert scene.send() == []
    (owed,) = contents(scene.seeded.house, t.outbox)
    assert (owed["state"], "421" in owed["error"]) == ("owed", True)
    scene.seeded.house.settings.__dict__["smtp_url"] = url
    scene.clock.moment += deliver.FIRST_PAUSE
    assert len(scene.send()) == 1


def test_a_later_mail_does_not_overtake_an_earlier_one_to_the_same_person(scene: Scene) -> None:
    mother = invited(scene)
    scene.settle()
    scene.server.says = ["451 try later"]
    scene.send()
    cancel.cancel(scene.seeded.house, "ada", mother)
    scene.settle(30)
    assert scene.send() == []
    scene.clock.moment += 3_600
    assert [m.mail["Subject"].split(":")[0] for m in scene.send()] == ["Invitation", "Cancelled"]


def test_the_brake_stops_a_storm_until_somebody_says_that_it_is_right(database_url: str, server: Sink) -> None:
    scene = opened(database_url, server, mail_brake=2)
    with closing(scene.seeded):
        for number in range(4):
            invited(scene, f"Meeting {number}")
        assert len(scene.told()) == 2
        assert sorted(scene.states()) == [("sent", "1.1")] * 2 + [("stopped", "1.0")] * 2


def test_with_tokens_everybody_sees_an_organizer_of_their_own(database_url: str, server: Sink) -> None:
    scene = opened(database_url, server, organizer_tokens=True)
    with closing(scene.seeded):
        mother = invited(scene)
        (first,) = scene.told()
        assert component(first)["ORGANIZER"] == f"mailto:{first.sender}"
        assert first.mail["From"].addresses[0].addr_spec == first.sender
        scene.seeded.house.settings.__dict__["organizer_tokens"] = False  # too late for this event
        change.change(scene.seeded.house, "ada", mother, Changes(title="Cellar"))
        (changed,) = scene.told()
        assert component(changed)["ORGANIZER"] == component(first)["ORGANIZER"]
        uid, own = str(component(first)["UID"]), first.sender
        assert (
            ingest(
                scene.seeded.house, reply(uid, CARLA_MAIL, "ACCEPTED", organizer=own), door="cli", vouched=True
            ).outcome
            is Outcome.APPLIED
        )


def test_guests_may_be_kept_to_oneself(database_url: str, server: Sink) -> None:
    scene = opened(database_url, server, show_guests=False)
    with closing(scene.seeded):
        invited(scene)
        (taken,) = scene.told()
        assert _attendees(component(taken)) == [f"mailto:{CARLA_MAIL}"]
        assert b"Bo Tangen" not in taken.mail.as_bytes()


@pytest.mark.parametrize(
    ("language", "subject", "zone"),
    [("nb", "Invitasjon", "sentraleuropeisk"), ("de-AT", "Einladung", "Mitteleurop"), ("xx", "Invitation", "Central")],
)
def test_a_mail_speaks_the_language_that_the_meeting_is_mailed_in(
    scene: Scene, language: str, subject: str, zone: str
) -> None:
    mother = invited(scene)
    (event,) = contents(scene.seeded.house, t.event)
    with scene.seeded.crm() as connection:
        values = {"event_uid": event["uid"], "appointment_id": mother, "template_language": language}
        connection.execute(insert(invitation).values(invitation_id=77, **values))
    (taken,) = scene.told()
    assert str(taken.mail["Subject"]) == f"{subject}: Orchard planning"
    plain = taken.mail.get_body(("plain",))
    assert plain is not None
    assert zone in plain.get_content()


def test_what_is_hostile_in_names_and_texts_stays_text(scene: Scene) -> None:
    invited(scene, "Tea\r\nBcc: <everybody@evil.example>\r\n<script>alert(1)</script>")
    (taken,) = scene.told()
    assert taken.mail["Bcc"] is None
    html = taken.mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


def test_a_meeting_that_is_over_before_it_could_be_told_is_told_to_nobody(scene: Scene) -> None:
    invited(scene)
    scene.settle()
    scene.clock.moment += 10 * 86_400
    assert scene.send() == []
    assert scene.states() == [("withheld", "1.0")]


def test_the_worker_sends(scene: Scene) -> None:
    invited(scene)
    scene.clock.moment += 3_600
    worker = Worker(scene.seeded.house)
    worker._now()
    worker._announce()
    worker._deliver()
    assert len(scene.server.taken) == 1


def test_one_occurrence_that_is_another_is_told_by_itself(scene: Scene) -> None:
    mothers = scene.seeded.series("Weekly round", 4, SendEmail=1)
    (first,) = scene.told()
    assert "RRULE" in first.calendar or "RDATE" in first.calendar
    change.change(scene.seeded.house, "ada", mothers[2], Changes(place="Barn"))
    (moved,) = scene.told()
    assert component(moved).get("RECURRENCE-ID") is not None
    assert component(moved).get("RRULE") is None
    assert component(moved)["UID"] == component(first)["UID"]


def test_somebody_has_a_word_on_what_was_stopped_or_given_up(database_url: str, server: Sink) -> None:
    scene = opened(database_url, server, mail_brake=1)
    with closing(scene.seeded):
        house = scene.seeded.house
        for number in range(3):
            invited(scene, f"Meeting {number}")
        server.says = ["550 no such user"]
        assert scene.told() == []
        dead, *stopped = mails.waiting(house)
        assert (dead.state, [s.state for s in stopped]) == ("dead", ["stopped"] * 2)
        mails.discard(house, stopped[0].outbox_id)
        assert mails.release(house) == 1
        assert mails.release(house, dead.outbox_id) == 1
        assert len(scene.send()) == 2
        assert mails.waiting(house) == []
        for act in (mails.release, mails.discard):
            with pytest.raises(NotFound):
                act(house, dead.outbox_id)


def test_no_password_is_sent_in_the_clear(scene: Scene) -> None:
    transport = smtp.Smtp(scene.server.url.replace("//", "//us:secret@"))
    with transport, pytest.raises(MailDeferred, match="STARTTLS"):
        transport.send(MAILBOX, CARLA_MAIL, b"Subject: x\r\n\r\nx\r\n")


def test_nobody_is_mailed_by_moving_in_adopting_rebuilding_or_restoring(database_url: str, server: Sink) -> None:
    clock = Clock(NOW)
    seeded = seed(database_url, clock=clock, adopted=False, mail_address=MAILBOX, smtp_url=server.url)
    scene = Scene(seeded, clock, server)
    with closing(seeded):
        with seeded.crm() as connection:  # what stood there before us
            connection.execute(update(house).values(adopted_below=10_000))
        invited(scene)
        adopt.adopt(seeded.house)
        reconcile(seeded.house, rebuild=True)
        moving_in.restored(seeded.house)
        assert scene.told() == []
        assert contents(seeded.house, t.outbox) == []


def test_what_was_planned_before_mail_was_set_up_is_never_sent(scene: Scene) -> None:
    settings, url = scene.seeded.house.settings, scene.server.url
    settings.__dict__["smtp_url"] = ""
    mother = invited(scene)
    scene.settle()
    settings.__dict__["smtp_url"] = url
    assert scene.send() == []
    change.change(scene.seeded.house, "ada", mother, Changes(title="Cellar"))
    assert [str(m.mail["Subject"]) for m in scene.told()] == ["Invitation: Cellar"]


def test_two_at_work_send_each_mail_once(scene: Scene) -> None:
    for number in range(6):
        invited(scene, f"Meeting {number}")
    scene.settle()
    other = House(scene.seeded.house.settings, scene.clock)

    def work(one: House) -> None:
        transport = smtp.transport(one.settings)
        assert transport is not None
        deliver.deliver(one, transport)
        one.store.release()

    threads = [Thread(target=work, args=(one,)) for one in (scene.seeded.house, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    other.store.close()
    subjects = [str(m.mail["Subject"]) for m in scene.server.taken]
    assert sorted(subjects) == sorted(set(subjects))
    assert len(subjects) == 6


def test_a_mail_over_which_everybody_dies_is_given_up_and_holds_up_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited(scene, "Poison")
    invited(scene, "Orchard planning")
    scene.settle()
    send = smtp.Smtp.send

    def poisoned(self: smtp.Smtp, sender: str, recipient: str, raw: bytes) -> None:
        if b"Poison" in raw:
            raise RuntimeError("a fault of ours")
        send(self, sender, recipient, raw)

    monkeypatch.setattr(smtp.Smtp, "send", poisoned)
    for _ in range(deliver.ATTEMPTS + 2):
        with suppress(RuntimeError):
            scene.send()
        scene.clock.moment += deliver.LEASE
    assert [str(m.mail["Subject"]) for m in scene.server.taken] == ["Invitation: Orchard planning"]
    assert sorted(scene.states()) == [("dead", "5.1"), ("sent", "1.1")]


def test_tls_is_spoken_with_anybody_and_a_password_told_to_who_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with sink(tls_context=context, require_starttls=True) as server:
        near = server.url.replace("127.0.0.1", "localhost")
        raw = b"Subject: x\r\n\r\nx\r\n"
        with smtp.Smtp(near) as transport:
            transport.send(MAILBOX, CARLA_MAIL, raw)
        assert len(server.taken) == 1
        with smtp.Smtp(near.replace("//", "//us:secret@")) as transport, pytest.raises(MailDeferred, match="CERTIF"):
            transport.send(MAILBOX, CARLA_MAIL, raw)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        with (
            smtp.Smtp(near.replace("//", "//us:secret@")) as transport,
            pytest.raises(MailDeferred, match="credentials"),
        ):
            transport.send(MAILBOX, CARLA_MAIL, raw)
