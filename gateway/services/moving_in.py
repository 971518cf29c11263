"""Moving in: the schema, the triggers, and who we are; and coming back after a restore."""

from __future__ import annotations

from gateway import migrations
from gateway.crm import touched
from gateway.errors import SettingsError
from gateway.services import adopt, announce
from gateway.services.house import House
from gateway.store import announcing, marks, residence

STEP = 100  # how far SEQUENCE jumps after a restore: further than anybody was told before it


def init(house: House) -> bool:
    """Bring the database up to this version and move in beside what stands there; tells whether it was the first time.

    Nothing is announced of what was there before; run as often as you like.
    """
    with house.store.writing() as connection:
        migrations.upgrade(connection, embedded=house.settings.crm_embedded)
        below = touched.highest(connection)
        first = residence.move_in(connection, house.settings.timezone, below, adopted=not below)
        if residence.settle_in(connection, house.settings.timezone):
            marks.add_every_event(connection)  # every time there is means another moment now
        adopt.open_calendars(connection)
    return first


def check(house: House) -> None:
    """Raise SchemaOutOfDate unless the database is of this version and every trigger stands as it should.

    Raises SettingsError where the CRM's base zone is another than the one everything was published with.
    """
    with house.store.writing() as connection:
        migrations.check(connection)
    known, wanted = residence.zone(house.store), house.settings.timezone
    if known != wanted:
        raise SettingsError(
            f"PARTSTAT_TIMEZONE: is {wanted}, but everything here was published with {known}; "
            "to change it, run `partstat init`"
        )


def restored(house: House) -> int:
    """Come back from a backup: no SEQUENCE steps back, and nothing that was owed then is owed now.

    Gives how many events were lifted. What the outside was told after the backup was taken is not known here, so every
    event's next SEQUENCE is its own + STEP, what waited to be announced is written down as told, and what waited to be
    sent is withheld.
    """
    with house.store.publishing() as connection:
        announcing.withhold(connection)
        announce.take_as_told(house, connection)
        return residence.lift(connection, STEP)
