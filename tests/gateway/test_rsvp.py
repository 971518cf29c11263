"""The page for those without buttons: looking decides nothing, a form decides once, and only about what it showed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from gateway import create_app
from gateway.letters.language import languages
from gateway.services import proposals
from gateway.services.verbs import cancel, remove
from gateway.store import tables as t
from mappings import plus_address
from tests.mailing import CARLA_MAIL, Scene, invited
from tests.outside import contents
from tests.seed import CARLA


@pytest.fixture
def client(scene: Scene) -> FlaskClient:
    return create_app(scene.seeded.house.settings, scene.seeded.house).test_client()


def link(scene: Scene) -> str:
    """Give the address that the mail names."""
    plain = scene.server.taken[-1].mail.get_body(("plain",))
    assert plain is not None
    found = re.search(r"http://127\.0\.0\.1:8080(/rsvp/\S+)", plain.get_content())
    assert found
    return found[1]


def filled(page: str, **form: str) -> dict[str, str]:
    stamp = re.search(r'name="stamp" value="(\w+)"', page)
    assert stamp
    return {"stamp": stamp[1], **form}


def answers(scene: Scene) -> list[tuple[str, str, str]]:
    return [(a["partstat"], a["door"], a["trust"]) for a in contents(scene.seeded.house, t.answer)]


def test_68_looking_decides_nothing_and_a_form_decides_again_and_again(scene: Scene, client: FlaskClient) -> None:
    invited(scene)
    scene.told()
    where = link(scene)
    page = client.get(where)
    for _ in range(2):  # a scanner looks at everything, and posts what it finds without choosing
        assert client.head(where).status_code == 200
        assert client.post(where, data=filled(client.get(where).text)).status_code == 400
    assert answers(scene) == []
    assert "Orchard planning" in page.text
    done = client.post(where, data=filled(page.text, answer="accept", comment=" Gladly "))
    assert (done.status_code, "Ada Lindqvist has your answer" in done.text) == (200, True)
    assert answers(scene) == [("ACCEPTED", "web", "token")]
    assert "Your answer so far: I will come" in client.get(where).text
    assert client.post(where, data=filled(page.text, answer="decline")).status_code == 409  # that form is used up
    assert client.post(where, data=filled(client.get(where).text, answer="decline")).status_code == 200
    assert [a[0] for a in answers(scene)] == ["ACCEPTED", "DECLINED"]
    assert scene.row_of(CARLA)["status"] == 9


def test_the_page_keeps_its_secret(scene: Scene, client: FlaskClient) -> None:
    invited(scene, "Tea <script>alert(1)</script>")
    scene.told()
    page = client.get(link(scene))
    assert (page.headers["Referrer-Policy"], page.headers["X-Robots-Tag"]) == ("no-referrer", "noindex")
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "<script" not in page.text
    assert CARLA_MAIL not in page.text
    assert "bo@hillside.example" not in page.text


def test_another_time_can_be_proposed(scene: Scene, client: FlaskClient) -> None:
    invited(scene)
    scene.told()
    where = link(scene)
    form = filled(client.get(where).text, answer="tentative", other="2026-09-29T09:30", comment="Later?")
    assert client.post(where, data=form).status_code == 200
    (one,) = proposals.waiting(scene.seeded.house)
    assert (one.comment, one.end - one.start) == ("Later?", 90 * 60)
    bad = filled(client.get(where).text, answer="tentative", other="tomorrow, perhaps")
    assert client.post(where, data=bad).status_code == 400


def test_a_form_of_a_meeting_that_has_moved_since_decides_nothing(scene: Scene, client: FlaskClient) -> None:
    mother = invited(scene)
    scene.told()
    where = link(scene)
    form = filled(client.get(where).text, answer="accept")
    scene.clock.moment += 60
    scene.seeded.move(mother, days=3, hour=9)
    after = client.post(where, data=form)
    assert (after.status_code, "has changed" in after.text) == (409, True)
    assert answers(scene) == []
    assert client.post(where, data=filled(after.text, answer="accept")).status_code == 200


@pytest.mark.parametrize("away", [cancel.cancel, remove.remove])
def test_who_is_no_longer_invited_hears_so(scene: Scene, client: FlaskClient, away: Any) -> None:
    mother = invited(scene)
    scene.told()
    where = link(scene)
    form = filled(client.get(where).text, answer="accept")
    away(scene.seeded.house, "ada", mother, *([[CARLA_MAIL]] if away is remove.remove else []))
    assert "called off, or you are no longer invited" in client.get(where).text
    assert client.post(where, data=form).status_code == 409
    assert answers(scene) == []


def test_what_is_over_is_not_answered_and_its_link_ends(scene: Scene, client: FlaskClient) -> None:
    invited(scene)
    scene.told()
    where = link(scene)
    form = filled(client.get(where).text, answer="accept")
    scene.clock.moment += 3 * 86_400
    assert "is over" in client.get(where).text
    assert client.post(where, data=form).status_code == 409
    scene.clock.moment += 100 * 86_400
    assert client.get(where).status_code == 404


def test_67_a_token_that_is_another_opens_nothing(scene: Scene, client: FlaskClient) -> None:
    invited(scene)
    scene.told()
    where = link(scene)
    mail = plus_address.token_in(scene.server.taken[-1].sender, "answers@gateway.example")
    assert mail is not None
    for other in (where[:-1] + ("a" if where[-1] != "a" else "b"), "/rsvp/x", f"/rsvp/{mail.row:x}.{mail.proof}",
                  where.replace("/rsvp/", "/rsvp/1")):  # fmt: skip
        assert client.get(other).status_code == 404, other
        assert client.post(other, data={"answer": "accept"}).status_code == 404


def test_a_series_is_answered_as_a_whole(scene: Scene, client: FlaskClient) -> None:
    scene.seeded.series("Weekly round", 3, SendEmail=1)
    scene.told()
    where = link(scene)
    assert client.post(where, data=filled(client.get(where).text, answer="decline")).status_code == 200
    assert [a[0] for a in answers(scene)] == ["DECLINED"] * 3


@pytest.mark.parametrize(
    ("wanted", "words"), [("de-CH,de;q=0.9", "Ich komme"), ("nn,en;q=0.5", "Jeg kommer"), ("fr", "I will come")]
)
def test_the_page_speaks_the_reader_s_language(scene: Scene, client: FlaskClient, wanted: str, words: str) -> None:
    invited(scene)
    scene.told()
    assert words in client.get(link(scene), headers={"Accept-Language": wanted}).text


def test_every_language_has_every_word() -> None:
    named = {tag: {k: set(re.findall(r"{(\w+)}", v)) for k, v in one.words.items()} for tag, one in languages().items()}
    assert set(named) == {"de", "en", "nb"}
    assert all(words == named["en"] for words in named.values())
