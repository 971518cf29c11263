"""Foreign calendar bytes become scheduling messages, or one of two named refusals; never anything else."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar.parser import Contentline

from mappings.errors import LimitExceeded, MappingError, Unreadable
from mappings.ics import lines, reading
from mappings.ics.components import MAX_ATTENDEES, MAX_EVENTS
from mappings.ics.reading import read
from mappings.ics.zone_names import zone_name
from mappings.model import Attendee, Item, Itip, Stamp

VECTORS = Path(__file__).parent.parent / "vectors"
BARE = sorted(path for path in VECTORS.iterdir() if path.suffix == ".ics")
UID = "3f1c0a52-7d4e-4b1a-9c2e-5a6b7c8d9e0f"
GRETE = Attendee("grete@north.test", "ACCEPTED", "Grete Holm")
NOVEMBER_10 = 1_794_268_800  # 2026-11-10T00:00
TEN = NOVEMBER_10 + 10 * 3_600


def vector(name: str) -> Itip:
    (itip,) = read((VECTORS / name).read_bytes())
    assert (itip.method, itip.uid) == ("REPLY", UID)
    return itip


def only(name: str) -> Item:
    (item,) = vector(name).items
    return item


def calendar(*body: str) -> bytes:
    return "\r\n".join(("BEGIN:VCALENDAR", "METHOD:REPLY", *body, "END:VCALENDAR", "")).encode()


def event(*body: str) -> bytes:
    return calendar("BEGIN:VEVENT", "UID:u", *body, "END:VEVENT")


# --- what clients send -----------------------------------------------------------------------------------------------


def test_yahoo_repeats_status_and_misspells_a_role() -> None:
    item = only("yahoo-status-twice.ics")
    assert item.attendees == (GRETE,)
    assert item.sequence is None
    assert item.organizer == "calendar@crm.test"
    assert item.dtstamp == 1_793_610_000


def test_an_alarm_has_attendees_and_a_uid_of_its_own() -> None:
    assert only("alarm-with-attendee.ics").attendees == (GRETE,)


def test_a_parameter_may_hold_colons_and_a_whole_proposal() -> None:
    item = only("proposal-in-parameter.ics")
    assert item.attendees == (Attendee("grete@north.test", "TENTATIVE", "Grete Holm"),)
    assert item.comment == "Can we take Wednesday?"


def test_outlook_leaves_sequence_out_and_names_zones_as_windows_does() -> None:
    item = only("outlook-no-sequence.ics")
    assert (item.sequence, item.organizer) == (None, "")
    assert item.start == Stamp(TEN, "Europe/Berlin", date_only=False)


def test_exchange_repeats_sequence_under_a_name_of_its_own() -> None:
    ((item,),) = (itip.items for itip in read(event("X-MICROSOFT-CDO-APPT-SEQUENCE:3")))
    assert item.sequence == 3


def test_series_and_instances_come_in_one_message() -> None:
    items = vector("series-and-instances.ics").items
    assert [(item.recurrence and item.recurrence.zone, item.attendees[0].partstat) for item in items] == [
        (None, "ACCEPTED"), ("UTC", "TENTATIVE"), ("America/New_York", "DECLINED"),
    ]  # fmt: skip


@pytest.mark.parametrize("line", ["RECURRENCE-ID;THISANDFUTURE:20261117T090000Z",
                                  'RECURRENCE-ID;RANGE="THISANDFUTURE":20261117T090000Z'])  # fmt: skip
def test_this_and_future_is_written_in_two_ways(line: str) -> None:
    (itip,) = read(event(line))
    assert itip.items[0].this_and_future
    assert only("this-and-future-bare.ics").this_and_future


def test_email_tells_who_is_meant_by_a_value_that_is_no_mailbox() -> None:
    assert only("attendee-by-email-parameter.ics").attendees == (Attendee("grete@north.test", "ACCEPTED"),)


def test_a_task_is_answered_like_an_event() -> None:
    assert only("todo.ics").attendees == (GRETE,)


@pytest.mark.parametrize("name", ["partstat-missing.ics", "partstat-twice.ics"])
def test_an_answer_that_is_missing_or_double_is_none(name: str) -> None:
    assert only(name).attendees[0].partstat == ""


def test_a_comment_is_trimmed_unescaped_and_bounded() -> None:
    def comment(*body: str) -> str:
        return read(event(*body))[0].items[0].comment

    assert comment(r"COMMENT:see you\, then\; \n") == "see you, then;"
    assert comment(r"COMMENT:\n") == ""
    assert comment("COMMENT:one", "COMMENT:one", "COMMENT:two") == "one\ntwo"
    assert comment("COMMENT:a\x00\x0bb") == "ab"
    assert len(comment("COMMENT:" + "x" * 9_000)) == reading.MAX_COMMENT


def test_methods_and_uids_part_messages() -> None:
    one, two = ("\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "END:VEVENT")) for uid in "ab")
    assert [(itip.uid, len(itip.items)) for itip in read(calendar(one, two, one))] == [("a", 1), ("b", 1)]


@pytest.mark.parametrize(
    ("inside", "hint", "method"),
    [("METHOD:REPLY", "COUNTER", "REPLY"), ("X-A:b", "reply", "REPLY"), ("X-A:b", "", ""), ("METHOD:?", "", "")],
)
def test_the_method_inside_wins_over_the_hint(inside: str, hint: str, method: str) -> None:
    data = f"BEGIN:VCALENDAR\n{inside}\nBEGIN:VEVENT\nUID:u\nEND:VEVENT\nEND:VCALENDAR\n".encode()
    assert read(data, hint)[0].method == method


# --- zones -----------------------------------------------------------------------------------------------------------


def test_a_vendor_puts_a_path_before_the_zone() -> None:
    assert only("vendor-zone.ics").recurrence == Stamp(TEN, "Europe/Berlin", date_only=False)


def test_a_foreign_definition_of_a_zone_is_never_learnt() -> None:
    itip = vector("poisoned-zone.ics")
    # It tells of the message that it is in: that zone keeps the time that is defined there.
    assert itip.items[0].recurrence == Stamp(TEN, "Asia/Kolkata", date_only=False)
    assert zone_name("Harbour Time") == ""


# --- damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mended"),
    [
        ("quote-not-closed.ics", "quote that does not close"),
        ("latin1-summary.ics", "cp1252"),
        ("unquoted-zone-with-colon.ics", "unknown time zone"),
    ],
)
def test_what_is_mended_is_journalled(name: str, mended: str) -> None:
    itip = vector(name)
    assert itip.items[0].attendees == (GRETE,)
    assert any(mended in entry for entry in itip.damage)


def test_an_attendee_is_rescued_from_a_damaged_line() -> None:
    itip = vector("attendee-damaged.ics")
    assert itip.items[0].attendees == (Attendee("grete@north.test", "ACCEPTED"),)
    assert itip.damage == ("line 7: ATTENDEE has damaged parameters",)


def test_damaged_stamps_are_unknown_and_not_zero() -> None:
    item = only("stamps-damaged.ics")
    assert (item.sequence, item.dtstamp, item.start) == (None, None, None)


def test_an_underscore_in_a_name_is_no_damage() -> None:
    assert vector("name-with-underscore.ics").damage == ()


def test_words_survive_in_the_declared_charset() -> None:
    data = event("COMMENT:Привет").decode().encode("koi8-r")
    assert read(data, charset="KOI8-R")[0].items[0].comment == "Привет"
    assert read(data, charset="punycode")[0].uid == "u"


def test_utf_16_is_read_by_its_signature() -> None:
    assert read(event("COMMENT:ø").decode().encode("utf-16"))[0].items[0].comment == "ø"


def test_a_name_that_begins_like_quoted_printable_is_left_alone() -> None:
    (itip,) = read(event("ATTENDEE;CN=3D Printing;PARTSTAT=ACCEPTED:mailto:grete@north.test"))
    assert (itip.items[0].attendees[0].address, itip.items[0].attendees[0].partstat) == ("grete@north.test", "ACCEPTED")


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("truncated.ics", 5),
        ("alarm-not-closed.ics", 11),
        ("recurrence-damaged.ics", 11),
        ("this-and-prior.ics", 11),
        ("uid-missing.ics", 5),
        ("two-methods.ics", 0),
        ("free-busy.ics", 0),
        ("empty.ics", 0),
    ],
)
def test_what_could_be_misread_is_not_read(name: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        read((VECTORS / name).read_bytes())
    assert refused.value.line == line


MEBI = 1 << 20


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR\n" + b"BEGIN:X\n" * 10_000,
        b"\n" * MEBI,
        b"BEGIN:VCALENDAR\n" + b"\r" * (MEBI - 100),
        b"x" * (MEBI + 1),
        calendar(*["BEGIN:VEVENT\r\nUID:u\r\nEND:VEVENT"] * (MAX_EVENTS + 1)),
        event(*["ATTENDEE:mailto:g@x.test"] * (MAX_ATTENDEES + 1)),
    ],
    ids=["nesting", "line feeds", "carriage returns", "octets", "events", "attendees"],
)
def test_too_much_is_refused(data: bytes) -> None:
    with pytest.raises(LimitExceeded):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * MEBI,
        event("ATTENDEE;CN=" + "x" * (MEBI - 300) + ":mailto:g@x.test"),
        event("ATTENDEE;X=" + " " * 60_000 + '"a:mailto:g@x.test'),
        event("ATTENDEE;X=" + '"a"' * 20_000 + '"'),
        event("ATTENDEE" + ";a=b" * 16_000 + ":mailto:g@x.test"),
        event("ATTENDEE;CN=3D" + "=3D" * 300_000),
        event("ATTENDEE;" + "PARTSTAT=" * 7_000),
        event("DTSTART;TZID=" + "/a" * 30_000 + ":20260101T000000"),
        event('ATTENDEE;CN="' + "^^" * 30_000 + '":mailto:g@x.test'),
        b"BEGIN:VCALENDAR\n" + b"\r" * 19_000,
    ],
    ids=["nul", "one line", "spaces", "quotes", "parameters", "encoded", "words", "path", "carets", "returns"],
)
def test_hostile_lines_take_linear_time(data: bytes) -> None:
    # A quadratic reader would not come back within the life of this test run.
    try:
        read(data[:MEBI])
    except Unreadable:
        return


# --- laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", BARE, ids=lambda path: path.name)
def test_our_lines_are_those_of_the_library(path: Path) -> None:
    text, _ = lines.text_of(path.read_bytes())
    for number, line in lines.unfolded(text):
        try:
            ours = lines.split(number, line)
            name, parameters, value = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
        except (Unreadable, ValueError):
            continue
        if not ours.broken and not any("," in written for _, written in ours.parameters):
            theirs = {key: said for key, said in parameters.items() if isinstance(said, str)}
            assert (ours.name, ours.value) == (name.upper(), value)
            # The library keeps the last of a repeated parameter; we say that it is repeated.
            assert len(ours.parameters) > len(theirs) or theirs == {key: ours.get(key) for key, _ in ours.parameters}


@settings(max_examples=200, deadline=None)
@given(
    source=st.sampled_from(BARE),
    cuts=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 40), st.binary(max_size=12)), max_size=6),
    hint=st.text(max_size=8),
    charset=st.sampled_from(["", "utf-8", "latin-1", "utf-16", "punycode", "\x00", "rot13", "idna"]),
)
def test_whatever_comes_is_read_or_refused(
    source: Path, cuts: list[tuple[int, int, bytes]], hint: str, charset: str
) -> None:
    data = source.read_bytes()
    for place, length, instead in cuts:
        data = data[:place] + instead + data[place + length :]
    try:
        messages = read(data, hint, charset)
    except MappingError:
        return
    assert messages
    assert all(itip.uid and itip.items for itip in messages)


@given(st.binary(max_size=300) | st.text(alphabet='BEGINVCALDRT:;="\r\n ,\\^3D@.', max_size=300).map(str.encode))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(MappingError):
        read(noise)
