"""Whoever guesses waits, alone: counted are different wrong secrets of one login from one network."""

import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from timeit import timeit
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import SettingsError
from gateway.settings import load_settings
from gateway.web import guessing
from gateway.web.auth import Door
from gateway.web.guessing import FIRST, FORGOTTEN, LONGEST, WIDER, Guess, Guesses
from gateway.web.networks import network
from tests.calling import Answered, Caller, basic, caller
from tests.counting import asked
from tests.seed import Seeded, seed

HERE, THERE = "192.0.2.7", "198.51.100.9"
LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


def fresh(allowed: int = 3) -> Guesses:
    return Guesses(allowed, b"a key of this process")


def guessed(guesses: Guesses, secrets: range, now: float = 0.0, login: str | None = "BO", place: str = HERE) -> Guess:
    """Show wrong secrets, all at one moment; gives the next one that could be shown."""
    for number in secrets:
        guesses.wrong(guesses.guess(login, place, f"wrong {number}"), now)
    return guesses.guess(login, place, f"wrong {secrets.stop}")


# --- the table, without a clock --------------------------------------------------------------------------------------


def test_waits_grow_from_a_second_to_five_minutes() -> None:
    guesses = fresh(allowed=3)
    shown = [guesses.guess("BO", HERE, f"wrong {number}") for number in range(14)]
    waits = []
    for it in shown:
        waits.append(guesses.wait(it, 0.0))
        guesses.wrong(it, 0.0)
    assert waits[:3] == [0.0, 0.0, 0.0]
    assert waits[3:6] == [FIRST, 2 * FIRST, 4 * FIRST]
    assert waits[-1] == LONGEST
    assert guesses.wait(shown[0], LONGEST) == 0.0


def test_the_same_wrong_secret_counts_once() -> None:
    guesses = fresh()
    old = guesses.guess("BO", HERE, "the old token")
    for moment in range(10_000):
        assert guesses.wait(old, float(moment)) == 0.0
        guesses.wrong(old, float(moment))
    assert guesses.shown_before(old)
    assert not guesses.shown_before(guesses.guess("BO", THERE, "the old token"))


def test_others_are_not_touched() -> None:
    guesses = fresh()
    next_one = guessed(guesses, range(9))
    assert guesses.wait(next_one, 0.0) > 0
    assert guesses.wait(guesses.guess("bo", HERE, "x"), 0.0) > 0  # the CRM knows no case of logins
    for login, place in (("ADA", HERE), ("BO", THERE), (None, HERE)):
        assert guesses.wait(guesses.guess(login, place, "x"), 0.0) == 0.0


def test_a_right_secret_lets_its_login_begin_anew() -> None:
    guesses = fresh()
    it = guessed(guesses, range(3))
    guesses.right(guesses.guess("BO", HERE, "the token"), FIRST)
    assert guesses.wait(it, 0.0) == 0.0
    assert guesses.wait(guessed(guesses, range(10, 12)), 0.0) == 0.0


def test_a_network_waits_for_far_more_guesses_and_whoever_came_in_before_still_does() -> None:
    guesses = fresh(allowed=2)
    guessed(guesses, range(1), login="DAG")
    guesses.right(guesses.guess("ADA", HERE, "the token of Ada"), 0.0)
    for number in range(2 * WIDER - 1):
        assert guesses.wait(guesses.guess("BO", HERE, "x"), 0.0) == 0.0
        guesses.wrong(guesses.guess(f"login {number}", HERE, "x"), 0.0)
    for login in ("BO", None, "ADA"):
        assert guesses.wait(guesses.guess(login, HERE, "x"), 0.0) > 0
    assert guesses.wait(guesses.guess("BO", THERE, "x"), 0.0) == 0.0
    welcome = guesses.guess("ADA", HERE, "the token of Ada")
    assert guesses.wait(welcome, 0.0) == 0.0
    guesses.wrong(welcome, 0.0)  # it was revoked meanwhile
    assert guesses.wait(welcome, 0.0) > 0


def test_after_an_hour_without_guesses_nobody_is_counted() -> None:
    guesses = fresh()
    it = guessed(guesses, range(8))
    assert not guesses.quiet
    assert guesses.wait(it, FORGOTTEN) == 0.0
    assert guesses.quiet


def test_what_is_remembered_is_bounded_and_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guessing, "STANDINGS", 50)
    monkeypatch.setattr(guessing, "REMEMBERED", 70)
    guesses = fresh()
    for number in range(500):
        guesses.wrong(guesses.guess(f"login {number}", f"10.0.0.{number}", "x"), 0.0)
        guesses.right(guesses.guess(f"other {number}", f"10.0.0.{number}", "x"), 0.0)
    assert len(guesses._standings) == 50
    assert len(guesses._wrong) == len(guesses._welcome) == 70
    assert guesses.shown_before(guesses.guess("login 499", "10.0.0.499", "x"))
    assert not guesses.shown_before(guesses.guess("login 0", "10.0.0.0", "x"))
    assert sys.getsizeof(guesses._standings) < 100_000


def test_a_login_of_any_length_takes_no_more_room_and_nothing_shown_is_kept() -> None:
    guesses = fresh()
    guesses.wrong(guesses.guess("L" * 100_000, HERE, "hunter2"), 0.0)
    kept = repr([*guesses._standings, *guesses._wrong])
    assert "hunter2" not in kept
    assert all(len(k) == 16 for k in (*guesses._standings, *guesses._wrong))
    assert Guesses(3, b"another key").guess("BO", HERE, "x") != guesses.guess("BO", HERE, "x")


# (login, network, secret, seconds that pass); secrets from 10 on are right
_shows = st.tuples(st.sampled_from("AB"), st.sampled_from((HERE, THERE)), st.integers(0, 12),
                   st.sampled_from((0.0, 0.5, 2.0, 400.0)))  # fmt: skip


@given(st.lists(_shows, max_size=80))
def test_nobody_waits_for_what_others_guess_and_nobody_longer_than_the_bound(
    shows: list[tuple[str, str, int, float]],
) -> None:
    """Each login and network as if it were alone: what the shared table says is what a table of its own says."""
    shared, alone, now = fresh(), dict[tuple[str, str], Guesses](), 0.0
    for login, place, number, passes in shows:
        now += passes
        both = (shared, alone.setdefault((login, place), fresh()))
        ours, theirs = (g.wait(g.guess(login, place, str(number)), now) for g in both)
        assert 0 <= ours <= theirs <= LONGEST
        assert ours == theirs or number >= 10  # welcome, because somebody else has made us look
        for g in both if ours == 0 else ():
            (g.right if number >= 10 else g.wrong)(g.guess(login, place, str(number)), now)


# --- from which network -----------------------------------------------------------------------------------------------

CAME_FROM: dict[str, tuple[dict[str, str], str]] = {
    "a peer": ({"REMOTE_ADDR": HERE}, HERE),
    "a household": ({"REMOTE_ADDR": "2001:db8:1:2:3:4:5:6"}, "2001:db8:1:2::/64"),
    "IPv4 inside IPv6": ({"REMOTE_ADDR": f"::ffff:{HERE}"}, HERE),
    "a peer on this machine": ({"REMOTE_ADDR": "::ffff:127.0.0.1"}, "127.0.0.1"),
    "a socket of this machine": ({}, "127.0.0.1"),
    "no address": ({"REMOTE_ADDR": "nowhere"}, "nowhere"),
    "a header nobody may write": ({"REMOTE_ADDR": HERE, "HTTP_X_FORWARDED_FOR": THERE}, HERE),
    "the other header": ({"REMOTE_ADDR": HERE, "HTTP_FORWARDED": f"for={THERE}"}, HERE),
    "a proxy": ({"HTTP_X_FORWARDED_FOR": HERE}, HERE),
    "a proxy of IPv6": ({"REMOTE_ADDR": "::1", "HTTP_X_FORWARDED_FOR": "2001:db8:1:2::9"}, "2001:db8:1:2::/64"),
    "what a client sent before": ({"HTTP_X_FORWARDED_FOR": f"{THERE}, garbage,{HERE}"}, HERE),
    "a chain of proxies": ({"HTTP_X_FORWARDED_FOR": f"{THERE}, {HERE}, 127.0.0.3, ::1"}, HERE),
    "nobody but proxies": ({"HTTP_X_FORWARDED_FOR": "127.0.0.9, 127.0.0.3"}, "127.0.0.9"),
    "a port": ({"HTTP_X_FORWARDED_FOR": f"{HERE}:5060"}, HERE),
    "a port of IPv6": ({"HTTP_X_FORWARDED_FOR": "[2001:db8::1]:443"}, "2001:db8::/64"),
    "IPv4 inside IPv6 behind a proxy": ({"HTTP_X_FORWARDED_FOR": f"::ffff:{HERE}"}, HERE),
    "garbage": ({"HTTP_X_FORWARDED_FOR": f"{HERE}, <script>"}, "127.0.0.1"),
    "garbage behind a proxy": ({"HTTP_X_FORWARDED_FOR": f"{HERE}, nobody, 127.0.0.1"}, "127.0.0.1"),
    "nothing between commas": ({"HTTP_X_FORWARDED_FOR": ","}, "127.0.0.1"),
    "an empty header": ({"HTTP_X_FORWARDED_FOR": " "}, "127.0.0.1"),
    "more than anybody needs": ({"HTTP_X_FORWARDED_FOR": f"{'x' * 3_000}, {HERE}"}, "127.0.0.1"),
    "RFC 7239": ({"HTTP_FORWARDED": f"for={HERE};proto=https;by=203.0.113.43"}, HERE),
    "RFC 7239, quoted": ({"HTTP_FORWARDED": 'For="[2001:db8:cafe::17]:4711"'}, "2001:db8:cafe::/64"),
    "RFC 7239, a chain": ({"HTTP_FORWARDED": f"for={THERE}, for={HERE};by=x, for=127.0.0.1"}, HERE),
    "RFC 7239, unsaid": ({"HTTP_FORWARDED": f"for={HERE}, proto=https"}, "127.0.0.1"),
    "RFC 7239, hidden": ({"HTTP_FORWARDED": f"for={HERE}, for=_hidden"}, "127.0.0.1"),
    "RFC 7239, a comma in quotes": ({"HTTP_FORWARDED": f'for={THERE};x="a,b\\",c", for={HERE}'}, HERE),
    "RFC 7239, garbage": ({"HTTP_FORWARDED": f'for={HERE};"'}, "127.0.0.1"),
    "RFC 7239, no end": ({"HTTP_FORWARDED": f"for={HERE};"}, "127.0.0.1"),
    "two headers that agree": ({"HTTP_X_FORWARDED_FOR": HERE, "HTTP_FORWARDED": f"for={HERE}"}, HERE),
    "two that do not": ({"HTTP_X_FORWARDED_FOR": HERE, "HTTP_FORWARDED": f"for={THERE}"}, "127.0.0.1"),
    "one that cannot be read": ({"HTTP_X_FORWARDED_FOR": HERE, "HTTP_FORWARDED": "for"}, "127.0.0.1"),
}


@pytest.mark.parametrize("what", CAME_FROM)
def test_where_a_request_comes_from(what: str) -> None:
    environ, place = CAME_FROM[what]
    assert network(environ, LOOPBACK) == place


@given(st.text(), st.text())
def test_a_header_of_anything_gives_some_network(one: str, other: str) -> None:
    assert network({"HTTP_X_FORWARDED_FOR": one, "HTTP_FORWARDED": other}, LOOPBACK)


def test_nobody_is_believed_where_no_proxy_is_trusted() -> None:
    assert network({"HTTP_X_FORWARDED_FOR": HERE}, ()) == "127.0.0.1"


def test_proxies_are_settings(tmp_path: Path) -> None:
    def trusted(value: object) -> list[str]:
        return [str(n) for n in load_settings({}, tmp_path, trusted_proxies=value).trusted_proxies]

    assert trusted(None) == ["127.0.0.0/8", "::1/128"]
    assert trusted("10.0.0.0/8,2001:db8::/32 , 192.0.2.1") == ["10.0.0.0/8", "2001:db8::/32", "192.0.2.1/32"]
    assert trusted(["10.0.0.0/8"]) == ["10.0.0.0/8"]
    assert trusted("None") == trusted([]) == []
    for wrong in ("10.0.0.1/8", "localhost", "10.0.0.0/8;::1", 5):
        with pytest.raises(SettingsError, match="not a list of networks"):
            trusted(wrong)
    with pytest.raises(SettingsError, match="guesses_allowed"):
        load_settings({}, tmp_path, guesses_allowed=0)


# --- at the door ------------------------------------------------------------------------------------------------------


@dataclass
class Hands:
    """A clock whose ticks are set by the test."""

    moment: int = 1_800_000_000
    seconds: float = 0.0

    def now(self) -> int:
        return self.moment

    def ticks(self) -> float:
        return self.seconds


@pytest.fixture
def seeded(database_url: str) -> Iterator[Seeded]:
    seeded = seed(database_url, clock=Hands(), guesses_allowed=3)
    yield seeded
    seeded.close()


class Visitor:
    """Somebody who asks for the root, or for a feed, from some address."""

    def __init__(self, seeded: Seeded) -> None:
        self.call: Caller = caller(seeded)

    def __call__(self, login: str, secret: str, place: str = HERE) -> Answered:
        self.call.authorization = basic(login, secret)
        return self.call.send("PROPFIND", "/dav/", io.BytesIO(), {"REMOTE_ADDR": place}, depth="0")

    def fetch(self, secret: str, place: str = HERE) -> Answered:
        self.call.authorization = None
        return self.call.send("GET", f"/feeds/{secret}.ics", io.BytesIO(), {"REMOTE_ADDR": place})

    def send(self, secret: str, place: str = HERE) -> Answered:
        headers: dict[str, Any] = {"authorization": f"Bearer {secret}", "content_type": "text/calendar"}
        return self.call.send("POST", "/itip", io.BytesIO(), {"REMOTE_ADDR": place}, **headers)


def test_a_guesser_waits_without_a_question_and_nobody_else_does(seeded: Seeded) -> None:
    visit, token, other = Visitor(seeded), seeded.token("BO"), seeded.token("ADA")
    assert [visit("BO", f"wrong {n}").status for n in range(3)] == [401] * 3
    with asked(seeded.house.store) as questions:
        refused = visit("bo", "wrong 3")
        assert (refused.status, refused.headers["retry-after"]) == (429, "1")
        assert refused.xml.tag == "{DAV:}error"
        assert visit("BO", token).status == 429  # who has never come in from here waits with the guesser
        assert visit("BO", "wrong 1").status == 401  # what was just wrong is still just wrong
        assert questions == []
    assert [visit("BO", token, THERE).status, visit("ADA", other).status] == [207, 207]
    hands = seeded.house.clock
    assert isinstance(hands, Hands)
    hands.seconds = 1.0
    assert visit("BO", "wrong 4").status == 401
    assert visit("BO", "wrong 5").headers["retry-after"] == "2"
    hands.seconds = 3.0
    assert visit("BO", token).status == 207
    assert [visit("BO", f"wrong again {n}").status for n in range(2)] == [401] * 2


def test_a_phone_with_an_old_token_locks_nobody_out(seeded: Seeded) -> None:
    visit, token = Visitor(seeded), seeded.token("BO")
    assert {visit("BO", "the old one").status for _ in range(50)} == {401}
    assert visit("BO", token).status == 207


def test_what_a_proxy_says_is_whom_it_counts_for(seeded: Seeded) -> None:
    call, token = caller(seeded), seeded.token("BO")
    statuses = []
    for number in range(4):
        call.authorization = basic("BO", f"wrong {number}")
        statuses.append(call("PROPFIND", "/dav/", depth="0", x_forwarded_for=HERE).status)
    assert statuses == [401, 401, 401, 429]
    call.authorization = basic("BO", token)
    assert call("PROPFIND", "/dav/", depth="0", x_forwarded_for=THERE).status == 207
    assert call("PROPFIND", "/dav/", depth="0", x_forwarded_for=HERE).status == 429


def test_secret_addresses_and_programs_count_against_their_network_alone(seeded: Seeded) -> None:
    visit, feed, api = Visitor(seeded), seeded.token("BO", "feed"), seeded.token("BO", "api")
    assert {visit.fetch(f"wrong {n}").status for n in range(3 * WIDER - 1)} == {404}
    assert visit.fetch(feed).status == 200
    assert visit.send("wrong").status == 401
    for answered in (visit.fetch("wrong, too"), visit.send(api), visit("ADA", "x")):
        assert (answered.status, answered.headers["retry-after"]) == (429, "1")
    assert visit.send(api).json["type"].endswith("too-many-guesses")
    assert visit.fetch("wrong 7").status == 404
    assert visit.fetch(feed).status == 200  # it came in while others guessed
    assert visit.fetch("wrong, too", THERE).status == 404


def test_who_shows_nothing_or_a_token_for_something_else_does_not_guess(seeded: Seeded) -> None:
    visit, feed, token = Visitor(seeded), seeded.token("BO", "feed"), seeded.token("BO")
    for _ in range(3):
        assert visit("BO", feed).status == 403
        assert visit.fetch(token).status == 404
        visit.call.authorization = None
        assert visit.call("PROPFIND", "/dav/", depth="0").status == 401
    assert visit("BO", "wrong").status == 401
    assert visit("BO", token).status == 207


def test_an_unknown_login_and_a_wrong_token_cost_and_answer_alike(seeded: Seeded) -> None:
    visit = Visitor(seeded)
    heard = {}
    for login in ("BO", "nobody at all"):
        with asked(seeded.house.store) as questions:
            told = [visit(login, f"wrong {n}") for n in range(4)]
        heard[login] = ([(t.status, t.headers, t.body) for t in told], questions)
    assert heard["BO"] == heard["nobody at all"]
    assert len(heard["BO"][1]) == 3


def test_where_nobody_guesses_the_door_looks_at_nobody(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    visit, token = Visitor(seeded), seeded.token("BO")
    with monkeypatch.context() as patched:
        patched.setattr(Door, "_guess", None)
        assert visit("BO", token).status == 207
    guesses = fresh()
    best = min(timeit(lambda: guesses.quiet, number=1_000) for _ in range(20)) / 1_000
    print(f"{best * 1e6:.3f} microseconds")
    assert best < 2e-6
