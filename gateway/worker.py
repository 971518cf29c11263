"""The worker: what nobody waits for, done in turn, forever (DESIGN: `serve` always runs a worker).

One loop in one process: publish what is marked, adopt, announce, send mail, finish messages whose bearer died. Waking
up is a look at the marks every POLL seconds; a notification would be quicker by a blink, and could be lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from gateway.errors import DatabaseBusy
from gateway.mail import imap, lmtp, smtp
from gateway.ports import Stop
from gateway.services import adopt, announce, deliver, ingest, publish, sweep, top_up
from gateway.services.house import House
from gateway.settings import Settings
from gateway.store import inbox, marks
from gateway.store.marks import Lane

POLL = 0.2  # seconds between two looks at the marks
ABANDONED = 30  # seconds after which a stored message without an outcome is taken up again
PATIENCE = 5.0  # seconds that a door has to close
SLICE = 0.25  # seconds that one turn of a long job may take

log = structlog.get_logger("partstat.worker")


def run(settings: Settings, stop: Stop) -> None:
    """Work until `stop` is set; what goes wrong once is logged and tried again."""
    house = House(settings)
    doors = _doors(settings, stop)
    try:
        Worker(house).run(stop)
    finally:
        house.store.close()
        for door in doors:
            door.join(PATIENCE)


def _doors(settings: Settings, stop: Stop) -> list[threading.Thread]:
    """Open the doors by which mail comes that are set, each in a thread of its own."""
    wanted: list[tuple[str, Callable[[Settings, Stop], None]]] = [
        (settings.imap_url, imap.follow),
        (settings.lmtp_listen, lmtp.listen),
    ]
    some = [threading.Thread(target=door, args=(settings, stop), daemon=True) for where, door in wanted if where]
    for one in some:
        one.start()
    return some


class Worker:
    """The jobs and when each is due next."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._transport = smtp.transport(house.settings)
        settle = max(1, house.settings.settle_seconds)
        self._jobs: list[tuple[Callable[[], bool], float]] = [
            (self._now, 0.0),
            (self._adopt, 0.0),
            (self._later, 0.0),
            (self._announce, 1.0),
            (self._deliver, 1.0),
            (self._abandoned, 5.0),
            (self._waiting, float(settle)),
            (self._sweep, 3_600.0),
            (self._prune, 3_600.0),
            (self._top_up, 3_600.0),
        ]
        self._due = [0.0] * len(self._jobs)
        self._topped = 0  # the rule up to which series without an end have been looked at

    def run(self, stop: Stop) -> None:
        """Take turns until `stop` is set; rest for POLL seconds when nobody had anything to do."""
        while not stop.is_set():
            if not self.turn():
                stop.wait(POLL)

    def turn(self) -> bool:
        """Do each job that is due once; tells whether any has more to do at once."""
        busy = False
        for i, (job, every) in enumerate(self._jobs):
            moment = self.house.clock.ticks()
            if moment < self._due[i]:
                continue
            self._due[i] = moment + every
            try:
                more = job()
                busy |= more
                if more:  # a long job goes on in the next turn, after the others have had theirs
                    self._due[i] = moment
            except DatabaseBusy:
                log.info("database busy", job=job.__name__)
                self._due[i] = moment + min(every, 1.0)
            except Exception:
                log.exception("job failed", job=job.__name__)
                self._due[i] = moment + max(every, 1.0)
        return busy

    def _now(self) -> bool:
        if not marks.marked(self.house.store, Lane.NOW):
            return False
        return publish.catch_up(self.house, Lane.NOW, seconds=SLICE).more

    def _later(self) -> bool:
        if not marks.marked(self.house.store, Lane.LATER):
            return False
        publish.catch_up(self.house, Lane.LATER, events=500, seconds=SLICE)
        return marks.marked(self.house.store, Lane.LATER)

    def _waiting(self) -> bool:
        if marks.marked(self.house.store, Lane.WAITING):
            publish.catch_up(self.house, Lane.WAITING, events=500)
        return False

    def _adopt(self) -> bool:
        return adopt.adopt_some(self.house) is not None

    def _announce(self) -> bool:
        return announce.announce(self.house) > 0

    def _deliver(self) -> bool:
        return self._transport is not None and deliver.deliver(self.house, self._transport) >= deliver.MOST

    def _abandoned(self) -> bool:
        with self.house.store.writing() as connection:
            left = inbox.unjudged(connection, self.house.clock.now() - ABANDONED)
        for inbox_id in left:
            ingest.finish(self.house, inbox_id)
        return False

    def _sweep(self) -> bool:
        return sweep.sweep(self.house) > 0

    def _top_up(self) -> bool:
        self._topped = top_up.top_up(self.house, self._topped)
        return bool(self._topped)

    def _prune(self) -> bool:
        return sweep.prune(self.house) > 0
