"""Who calls is known by a token, and by nothing else; whatever cannot be read is nobody."""

import base64
from collections.abc import Iterator

import pytest

from gateway.errors import DatabaseBusy, Forbidden, NotAdopted, Unauthenticated
from gateway.services import publish, reading
from gateway.services.reading import LastUses
from gateway.store import access, residence
from tests.calling import Caller, basic, caller
from tests.seed import BO, Seeded, seed


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url)
    yield seeded
    seeded.close()


def asked(call: Caller, header: str | None) -> int:
    call.authorization = header
    answered = call("PROPFIND", "/dav/", depth="0")
    if answered.status == 401:
        assert answered.headers["www-authenticate"] == 'Basic realm="Partstat", charset="UTF-8"'
    return answered.status


def test_a_token_opens_by_basic_and_by_bearer_and_a_login_knows_no_case(seeded: Seeded) -> None:
    call, secret = caller(seeded), seeded.token("BO")
    assert [asked(call, h) for h in (basic("BO", secret), basic("bo", secret), f"Bearer {secret}")] == [207] * 3


def test_what_is_no_token_of_this_login_is_asked_for_one(seeded: Seeded) -> None:
    call, secret = caller(seeded), seeded.token("BO")
    garbage = [
        None,
        "",
        "Basic",
        "Basic !!!!",
        "Basic \xff\xfe\xfd",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"BO:\xff\xfe").decode(),
        "Basic " + base64.b64encode("BO:töken".encode()).decode(),
        f"Digest {secret}",
        "Bearer ",
        "Bearer \xff",
        "Basic " + "A" * 100_000,
        basic("ADA", secret),
        basic("", secret),
        basic("\u017fBO", secret),
        basic("BO", secret + "x"),
    ]
    assert {asked(call, header) for header in garbage} == {401}


def test_a_token_granted_for_something_else_is_known_and_refused(seeded: Seeded) -> None:
    assert asked(caller(seeded), f"Bearer {seeded.token('BO', 'feed')}") == 403
    with pytest.raises(Forbidden):
        reading.known(seeded.house, seeded.token("BO"), "api")


def test_a_revoked_token_is_unknown_at_once(seeded: Seeded) -> None:
    call, secret = caller(seeded), seeded.token("BO")
    assert asked(call, f"Bearer {secret}") == 207
    with seeded.crm() as connection:
        access.revoke(connection, reading.known(seeded.house, secret).credential_id, 1)
    assert asked(call, f"Bearer {secret}") == 401


def test_a_reader_publishes_what_waits_first(seeded: Seeded) -> None:
    secret = seeded.token("BO")
    mother = seeded.meeting("Orchard planning")
    before = reading.enter(seeded.house, secret)
    with seeded.crm() as connection:
        connection.exec_driver_sql(_moved(seeded, mother))
    after = reading.enter(seeded.house, secret)
    assert not after.marked
    assert after.revision > before.revision


def _moved(seeded: Seeded, mother: int) -> str:
    table = "appointment" if seeded.house.store.sqlite else "crm.appointment"
    return f"UPDATE {table} SET location = 'Cellar' WHERE mother_id = {mother}"


def test_a_busy_database_serves_the_last_state(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    secret, mother = seeded.token("BO"), seeded.meeting("Orchard planning")
    with seeded.crm() as connection:
        connection.exec_driver_sql(_moved(seeded, mother))

    def busy(*_: object, **__: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(publish, "catch_up", busy)
    assert reading.enter(seeded.house, secret).marked


def test_a_calendar_that_nobody_has_prepared_goes_next_in_line(database_url: str) -> None:
    seeded = seed(database_url, adopted=False)
    call = caller(seeded, "BO")
    answered = call("PROPFIND", "/dav/calendars/BO/diary/", depth="1")
    assert (answered.status, answered.headers["retry-after"]) == (503, "5")
    assert call("PROPFIND", "/dav/principals/BO/", depth="0").status == 207
    with pytest.raises(NotAdopted):
        reading.enter(seeded.house, seeded.token("BO"))
    seeded.close()


def test_who_has_no_calendar_gets_an_empty_one_where_all_is_published(seeded: Seeded) -> None:
    secret = seeded.token("DAG")
    with seeded.crm() as connection:
        connection.exec_driver_sql("DELETE FROM calendar")
    assert reading.enter(seeded.house, secret).adopted
    with seeded.crm() as connection:
        connection.exec_driver_sql("DELETE FROM calendar")
        residence.stand(connection, adopted=False)
    with pytest.raises(NotAdopted):
        reading.enter(seeded.house, secret)


def test_last_uses_are_remembered_in_bounds_and_written_down_later(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "KEPT", 2)
    uses = LastUses()
    for moment, credential in enumerate((1, 2, 3, 1), 10):
        uses.note(credential, moment)
    assert uses.take() == {1: 13, 2: 11}
    assert uses.take() == {}
    entry = reading.known(seeded.house, seeded.token("BO"))
    uses.note(entry.credential_id, 99)
    reading.flush(seeded.house, uses)
    with seeded.crm() as connection:
        written = connection.exec_driver_sql("SELECT max(last_used) FROM credential").scalar()
    assert written == 99


def test_a_wrong_login_learns_nothing_of_the_token(seeded: Seeded) -> None:
    with pytest.raises(Unauthenticated):
        reading.known(seeded.house, seeded.token("BO"), "api", login="ADA")
    assert reading.known(seeded.house, seeded.token("BO"), login="BO").associate_id == BO
