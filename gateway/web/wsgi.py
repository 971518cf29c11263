"""The application of one server process; `make` is for WSGI servers that read nothing but the environment."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
from typing import Final

from flask import Flask

from gateway import create_app
from gateway.services import reading
from gateway.services.house import House
from gateway.settings import Settings, load_settings
from gateway.web import logs

COLLECTED: Final = (50_000, 20, 20)  # new things until the youngest are looked through; rounds until the older are
FLUSH: Final = 60  # seconds between two times that last uses are written down


def make() -> Flask:
    """Make the application from the settings of this environment (``gunicorn 'gateway.web.wsgi:make()'``)."""
    return application(load_settings())


def served(settings: Settings, parent: int) -> Flask:
    """Make the application of a process that `serve` started, and that ends when its parent is gone."""
    end_with(parent)
    return application(settings)


def end_with(parent: int) -> None:
    """End this process in good order once its parent is gone: one that was killed could not say so."""

    def watching() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watching, name="parent", daemon=True).start()


def application(settings: Settings) -> Flask:
    """Make the application of this process, with a house of its own."""
    logs.configure(settings.log_level)
    house = House(settings)
    # Each process knows of its own requests only, so each writes down for itself, beside the road of reading.
    threading.Thread(target=_flushing, args=(house,), name="last uses", daemon=True).start()
    app = create_app(settings, house)
    # What stands now stays. Long answers are made of many small things that all go at once: looking for rings among
    # them every few hundred costs a fifth of listing ten thousand copies.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED)
    return app


def _flushing(house: House) -> None:
    while True:
        time.sleep(FLUSH)
        reading.flush(house)
