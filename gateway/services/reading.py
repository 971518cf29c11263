"""Who reads, and the moment they may read from: the token, the calendar's adoption, and what waits to be published.

A read never writes, but for two short turns that nothing waits for: a calendar nobody has prepared yet goes next in
line, and what is marked is published first, within bounds (DESIGN section 4: a reader).
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Mapping

from gateway.errors import DatabaseBusy, Forbidden, NotAdopted, Unauthenticated
from gateway.services import publish, tokens
from gateway.services.house import House
from gateway.store import access, published
from gateway.store.access import Entry
from gateway.store.marks import Lane
from mappings.identity import DIARY

RETRY_AFTER = 5  # seconds after which a client of an unprepared calendar is asked to come back
KEPT = 10_000  # tokens whose last use is remembered at once


class LastUses:
    """When tokens were last used, kept in memory until somebody writes it down; safe for threads, and bounded."""

    def __init__(self) -> None:
        self._moments: dict[int, int] = {}
        self._turn = threading.Lock()

    def note(self, credential_id: int, now: int) -> None:
        """Remember that a token was used at an instant; a token too many is not remembered."""
        with self._turn:
            if credential_id in self._moments or len(self._moments) < KEPT:
                self._moments[credential_id] = max(now, self._moments.get(credential_id, now))

    def take(self) -> dict[int, int]:
        """Give credential_id -> instant of what was noted, and forget it."""
        with self._turn:
            taken, self._moments = self._moments, {}
        return taken


last_uses = LastUses()


def flush(house: House, uses: LastUses = last_uses) -> None:
    """Write down this process's last uses; what cannot be written now is kept for the next time."""
    moments: Mapping[int, int] = uses.take()
    if not moments:
        return
    try:
        with house.store.writing(durable=False) as connection:
            access.used(connection, moments)
    except DatabaseBusy:
        for credential_id, moment in moments.items():
            uses.note(credential_id, moment)


def known(house: House, secret: str, *scopes: str, login: str | None = None, calendar: str = DIARY) -> Entry:
    """Tell who holds a token, and where their `calendar` of that name stands, whether it is ready or not.

    Raises Unauthenticated for a token that is unknown, revoked or not of this `login`, and Forbidden for one whose
    scope is none of `scopes`.
    """
    entry = access.enter(house.store, tokens.digest(secret), calendar)
    if entry is None or (login is not None and not _same(login, entry.login)):
        raise Unauthenticated
    if scopes and entry.scope not in scopes:
        raise Forbidden("This token was granted for something else.")
    last_uses.note(entry.credential_id, house.clock.now())
    return entry


def enter(house: House, secret: str, *scopes: str, login: str | None = None, calendar: str = DIARY) -> Entry:
    """Let a reader in: as `known`, and their calendar is whole and as fresh as the bounds allow.

    Raises NotAdopted while the calendar is being prepared.
    """
    entry = known(house, secret, *scopes, login=login, calendar=calendar)
    if not entry.adopted:
        entry = _prepared(house, secret, entry)
    if entry.marked:
        entry = _fresh(house, secret, entry)
    return entry


def _prepared(house: House, secret: str, entry: Entry) -> Entry:
    """Let a calendar go next in line, or make an empty one where everything there is was published long ago."""
    try:
        if not entry.calendar_id:
            _open(house, entry.associate_id)
        with house.store.writing(_wait(house)) as connection:
            access.want(connection, entry.associate_id, entry.calendar, house.clock.now())
    except DatabaseBusy:
        raise NotAdopted(RETRY_AFTER) from None
    again = _again(house, secret, entry.calendar)
    if not again.adopted:
        raise NotAdopted(RETRY_AFTER)
    return again


def _open(house: House, associate_id: int) -> None:
    # Publishers make calendars too: only one who holds their place can make one without meeting them.
    with house.store.publishing(_wait(house)) as connection:
        adopted, _ = published.adoption(connection)
        published.calendars(connection, [associate_id], adopted=adopted)


def _fresh(house: House, secret: str, entry: Entry) -> Entry:
    """Publish what waits, within bounds; a busy database leaves the last published state, which is whole."""
    settings = house.settings
    try:
        publish.catch_up(
            house,
            Lane.NOW,
            events=settings.read_catch_up_events,
            seconds=settings.read_catch_up_ms / 1000,
            wait=_wait(house),
        )
    except DatabaseBusy:
        return entry
    return _again(house, secret, entry.calendar)


def _again(house: House, secret: str, calendar: str) -> Entry:
    entry = access.enter(house.store, tokens.digest(secret), calendar)
    if entry is None:  # revoked in this very moment
        raise Unauthenticated
    return entry


def _wait(house: House) -> float:
    return house.settings.writer_wait_ms / 1000


def _same(one: str, other: str) -> bool:
    """Compare logins in constant time and, as the CRM does, without regard to case."""
    return hmac.compare_digest(_folded(one), _folded(other))


def _folded(login: str) -> bytes:
    return login.casefold().encode("utf-8", "surrogatepass")
