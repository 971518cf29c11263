"""The CRM's locations: whose appointments are told on their clock, and what is said of those that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import insert

from gateway.crm import tables as crm
from gateway.services import doctor
from tests.outside import shown
from tests.seed import BO, Seeded, seed


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    with closing(seed(database_url, timezone="Europe/Oslo")) as seeded:
        with seeded.crm() as connection:
            places = [{"TZLocation_id": 1, "locationCode": "us-ny"}, {"TZLocation_id": 2, "locationCode": "ZZ"}]
            connection.execute(insert(crm.tzlocation), places)
        yield seeded


def test_an_appointment_is_told_on_the_clock_of_its_location(seeded: Seeded) -> None:
    seeded.appointment("Pressing", owner=BO, preferredTZLocation=1)
    (text,) = shown(seeded.house)["BO"].values()
    assert "DTSTART;TZID=America/New_York:" in text
    assert [f for f in doctor.examine(seeded.house) if f.what == "time zone"] == []


def test_a_location_that_nobody_knows_is_on_the_base_clock_and_the_doctor_says_so(seeded: Seeded) -> None:
    seeded.appointment("Pressing", owner=BO, preferredTZLocation=2)
    (text,) = shown(seeded.house)["BO"].values()
    assert "DTSTART;TZID=Europe/Oslo:" in text
    (told,) = [f.detail for f in doctor.examine(seeded.house) if f.what == "time zone"]
    assert "'ZZ'" in told
