"""What the tests of mail share; a file that needs another `server` or `scene` makes its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.mailing import Scene, opened
from tests.sink import Sink, sink


@pytest.fixture
def server() -> Iterator[Sink]:
    with sink() as found:
        yield found


@pytest.fixture
def scene(database_url: str, server: Sink) -> Iterator[Scene]:
    scene = opened(database_url, server)
    with closing(scene.seeded):
        yield scene
