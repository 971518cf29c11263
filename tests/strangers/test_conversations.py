"""What five calendars are known to say, said to the live server: each finds what it needs to go on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.living import living
from tests.seed import ADA, BO, MAILBOXES, Seeded, seed
from tests.strangers import conversing
from tests.strangers.conversing import Stage

pytestmark = pytest.mark.strangers
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """What each conversation counts on: three events and more, two to-dos of which one is done."""
    seeded = seed(f"sqlite:///{tmp_path_factory.mktemp('conversations') / 'partstat.db'}")
    seeded.meeting("Orchard planning", location="Barn & <hall>")
    seeded.appointment("Count bottles", owner=BO, days=3)
    seeded.appointment("Cider day", owner=BO, days=2, alldayEvent=1, hour=0, minutes=1_439)
    seeded.meeting("Secret tasting", owner=ADA, private=1, hour=12)
    seeded.to_do("Order corks", invited=(BO,), days=2)
    seeded.to_do("Sharpen knives", owner=BO, days=5, status=3, done=seeded.house.today())
    yield seeded
    seeded.close()


@pytest.fixture(scope="module")
def url(seeded: Seeded) -> Iterator[str]:
    with living(seeded) as url:
        yield url


@pytest.fixture
def stage(seeded: Seeded, url: str) -> Iterator[Stage]:
    now = datetime.now(UTC)
    known = {
        "mailbox": MAILBOXES[BO],
        "feed": f"/feeds/{seeded.token('BO', 'feed')}.ics",
        "start": f"{now - 30 * DAY:%Y%m%dT000000Z}",
        "end": f"{now + 30 * DAY:%Y%m%dT000000Z}",
    }
    stage = Stage(seeded, url, **known)
    yield stage
    stage.close()


@pytest.mark.parametrize("path", conversing.conversations(), ids=lambda path: path.stem)
def test_it_finds_what_it_needs_to_go_on(stage: Stage, path: Path) -> None:
    stage.play(conversing.read(path))
