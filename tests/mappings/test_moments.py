"""Times in words, one row each: what they mean on a Wednesday, 4 November 2026, at 23:30 in Oslo."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from mappings import times
from mappings.moments import FORMS, LOADED, Calendar

NOW = times.wall_of(datetime(2026, 11, 4, 23, 30))
CALENDAR = Calendar(NOW, "Europe/Oslo")
EARLY = timezone(timedelta(hours=-5, minutes=-30))

MEANT = [
    ("2026-12-01", date(2026, 12, 1)),
    ("2026-12-01 10:00", datetime(2026, 12, 1, 10)),
    ("2026-12-01T10:00", datetime(2026, 12, 1, 10)),
    ("2026-12-01 9:05", datetime(2026, 12, 1, 9, 5)),
    ("  2026-12-01   10:00 ", datetime(2026, 12, 1, 10)),
    ("2026-12-01 10:00:30", datetime(2026, 12, 1, 10, 0, 30)),
    ("2026-12-01T10:00Z", datetime(2026, 12, 1, 10, tzinfo=UTC)),
    ("2026-12-01 10:00 +01:00", datetime(2026, 12, 1, 10, tzinfo=timezone(timedelta(hours=1)))),
    ("2026-12-01T10:00-0530", datetime(2026, 12, 1, 10, tzinfo=EARLY)),
    ("2028-02-29", date(2028, 2, 29)),
    ("today", date(2026, 11, 4)),
    ("Tomorrow", date(2026, 11, 5)),
    ("today 10:00", datetime(2026, 11, 4, 10)),
    ("tomorrow 00:00", datetime(2026, 11, 5)),
    ("+3d", date(2026, 11, 7)),
    ("+3d 10:00", datetime(2026, 11, 7, 10)),
    ("-4d 10:00", datetime(2026, 10, 31, 10)),
    ("0d 23:59", datetime(2026, 11, 4, 23, 59)),
    ("+1w mon", date(2026, 11, 9)),
    ("+1w mon 10:00", datetime(2026, 11, 9, 10)),
    ("0w mon 10:00", datetime(2026, 11, 2, 10)),
    ("-1w Sun 08:00", datetime(2026, 11, 1, 8)),
    ("1900-01-01", date(1900, 1, 1)),
    ("2199-12-31 23:59", datetime(2199, 12, 31, 23, 59)),
]

MEANINGLESS = [
    *("", "noonish", "10:00", "now", "2026-12-1", "01.12.2026", "2026-12-01 10", "2026-12-01 10:00 CET", "+3 10:00"),
    *("+1w moon 10:00", "+1w 10:00", "in 3 days", "2026-12-01 10:00 pm", "٢٠٢٦-12-01", "today today"),
]
NO_TIME = ["2026-12-01 24:00", "2026-12-01 10:60", "2026-12-01 10:00+99:00", "today 25:00"]


@pytest.mark.parametrize(("words", "moment"), MEANT, ids=[words for words, _ in MEANT])
def test_words_mean_a_day_a_wall_time_or_an_instant(words: str, moment: date) -> None:
    read = CALENDAR.read(words)

    assert read == moment
    assert type(read) is type(moment)
    assert getattr(read, "tzinfo", None) == getattr(moment, "tzinfo", None)


@pytest.mark.parametrize("words", MEANINGLESS)
def test_words_that_mean_nothing_are_told_the_forms_there_are(words: str) -> None:
    with pytest.raises(ValueError, match="is no time; write") as error:
        CALENDAR.read(words)
    assert FORMS in str(error.value)


@pytest.mark.parametrize("words", NO_TIME)
def test_a_clock_has_24_hours(words: str) -> None:
    with pytest.raises(ValueError, match="no time of any clock"):
        CALENDAR.read(words)


def test_days_that_no_calendar_has_are_told_so() -> None:
    with pytest.raises(ValueError, match="2026-02-30 is no day of any calendar"):
        CALENDAR.read("2026-02-30 10:00")
    for words in ("1899-12-31", "2200-01-01 00:00", "9999-12-31T23:59-12:00", "0001-01-01T00:00+12:00"):
        with pytest.raises(ValueError, match="1900 to 2199"):
            CALENDAR.read(words)


@pytest.mark.parametrize("words", ["2026-12-01 10:00", "today 10:00", "+3d", "2026-12-01T9:00", "2026-12-01T10:00Z"])
def test_a_load_file_has_fewer_forms(words: str) -> None:
    CALENDAR.read(words)
    with pytest.raises(ValueError, match="has to be a number of seconds") as error:
        CALENDAR.wall(words)
    assert str(error.value) == LOADED
