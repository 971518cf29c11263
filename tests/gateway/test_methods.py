"""What guests send besides answers: other times, a wish to be told once more; and what mail servers report."""

from __future__ import annotations

from time import gmtime, strftime
from typing import Any

import pytest

from gateway.errors import NotFound
from gateway.services import proposals
from gateway.services.ingest import Ended, ingest
from gateway.services.views.responses import responses
from gateway.store import tables as t
from mappings import times
from mappings.model import Outcome
from tests.mailing import CARLA_MAIL, MAILBOX, Scene, component, invited
from tests.outside import contents, reply
from tests.seed import CARLA
from tests.sink import Taken

HOUR = 3_600


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """A meeting of which Carla has been told."""
    invited(scene)
    scene.told()
    return scene


def guests(some: list[Taken]) -> list[Taken]:
    """Give what did not go to the owner."""
    return [one for one in some if one.sender != "<>"]


def uid(scene: Scene) -> str:
    return str(contents(scene.seeded.house, t.event)[0]["uid"])


def start(scene: Scene) -> int:
    return times.instant(scene.row_of(CARLA)["do_by"], scene.seeded.house.settings.timezone)


def sent(scene: Scene, partstat: str = "TENTATIVE", vouched: bool = True, **more: Any) -> Ended:
    return ingest(scene.seeded.house, reply(uid(scene), CARLA_MAIL, partstat, **more), door="cli", vouched=vouched)


def other_time(moment: int) -> str:
    return f"DTSTART:{strftime('%Y%m%dT%H%M%SZ', gmtime(moment))}"


def proposed(scene: Scene) -> Ended:
    return sent(scene, method="COUNTER", extra=other_time(start(scene) + 24 * HOUR), comment="Later?")


def test_58_a_proposal_changes_nothing_until_the_owner_accepts_it(scene: Scene) -> None:
    before = start(scene)
    assert proposed(scene).outcome is Outcome.PROPOSAL
    assert start(scene) == before
    (one,) = proposals.waiting(scene.seeded.house)
    assert (one.owner, one.name, one.comment, one.start) == ("ADA", "Carla Moreau", "Later?", before + 24 * HOUR)
    assert proposals.accept(scene.seeded.house, one.number).changed
    assert start(scene) == before + 24 * HOUR
    (told,) = guests(scene.told())
    assert int(component(told)["SEQUENCE"]) == 1
    assert proposals.waiting(scene.seeded.house) == []
    with pytest.raises(NotFound):
        proposals.accept(scene.seeded.house, one.number)


def test_58_who_hears_no_hears_it_alone(scene: Scene) -> None:
    proposed(scene)
    (one,) = proposals.waiting(scene.seeded.house)
    proposals.decline(scene.seeded.house, one.number)
    (told,) = guests(scene.send())
    assert ("METHOD:DECLINECOUNTER" in told.calendar, told.recipients) == (True, [CARLA_MAIL])
    assert component(told)["UID"] == uid(scene)
    assert str(told.mail["Subject"]) == "No other time: Orchard planning"
    assert proposals.waiting(scene.seeded.house) == []
    assert scene.told() == []


def test_a_second_proposal_of_one_person_takes_the_place_of_the_first(scene: Scene) -> None:
    proposed(scene)
    sent(scene, method="COUNTER", extra=other_time(start(scene) + 48 * HOUR), comment="Even later?", stamp=2_000)
    (one,) = proposals.waiting(scene.seeded.house)
    assert one.start == start(scene) + 48 * HOUR


def test_a_proposal_is_listed_no_more_when_its_time_has_come(scene: Scene) -> None:
    proposed(scene)
    scene.clock.moment = start(scene) + 25 * HOUR
    assert proposals.waiting(scene.seeded.house) == []


def test_62_who_asks_again_is_told_again_once_in_an_hour_at_the_address_that_was_invited(scene: Scene) -> None:
    scene.clock.moment += 2 * HOUR
    for _ in range(3):
        sent(scene, "NEEDS-ACTION", vouched=False, method="REFRESH", sender="somebody@evil.example")
    (told,) = scene.send()
    assert (told.recipients, "METHOD:REQUEST" in told.calendar) == ([CARLA_MAIL], True)
    scene.clock.moment += 2 * HOUR
    stranger = reply(uid(scene), "pia@else.example", "NEEDS-ACTION", method="REFRESH")
    assert ingest(scene.seeded.house, stranger, door="cli", vouched=False).outcome is Outcome.REFUSED_NOT_INVITED
    assert guests(scene.send()) == []


REPORT = """\
From: Mail Delivery <mailer-daemon@moreau.example>\r
To: {to}\r
Subject: Undelivered\r
Message-ID: <{action}@moreau.example>\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="_r"\r
\r
--_r\r
Content-Type: text/plain\r
\r
Sorry.\r
--_r\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; moreau.example\r
\r
Final-Recipient: rfc822; carla@moreau.example\r
Action: {action}\r
Status: 5.1.1\r
\r
--_r--\r
"""


@pytest.mark.parametrize(
    ("action", "outcome", "delivery"),
    [
        ("failed", Outcome.DELIVERY_FAILED, "5.1"),
        ("delayed", Outcome.NO_CHANGE, "1.1"),
        ("delivered", Outcome.NO_CHANGE, "1.2"),
    ],
)
def test_69_what_a_mail_server_reports_is_kept_with_the_guest_and_is_no_answer(
    scene: Scene, action: str, outcome: Outcome, delivery: str
) -> None:
    before = scene.row_of(CARLA)
    report = REPORT.format(to=scene.server.taken[0].sender, action=action).encode()
    assert ingest(scene.seeded.house, report, door="lmtp", vouched=False).outcome is outcome
    assert scene.states() == [("sent", delivery)]
    assert scene.row_of(CARLA) == before
    found = responses(scene.seeded.house, before["mother_id"]).participants
    assert {p.row: p.delivery for p in found}[before["appointment_id"]] == delivery


def test_a_report_that_anybody_could_have_written_reports_nothing(scene: Scene) -> None:
    report = REPORT.format(to=MAILBOX, action="failed").encode()
    assert ingest(scene.seeded.house, report, door="lmtp", vouched=True).outcome is Outcome.NO_CHANGE
    assert scene.states() == [("sent", "1.1")]
