"""The server: granian's worker processes, and the background worker beside them, started and stopped together.

The schema is looked at before any process starts, so that workers never race to find it wanting. A worker of either
kind that dies is started again: by granian's default, one killed process would take the whole server down.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Final

import structlog
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from gateway import worker
from gateway.errors import BadRequest
from gateway.services import moving_in
from gateway.services.house import House
from gateway.settings import Settings
from gateway.web import logs, wsgi

# Per process: one slow client must not keep the others waiting; more than this many for a core granian warns of.
THREADS: Final = min(8, 2 * multiprocessing.cpu_count() + 1)
# What granian has to say belongs beside our own log; standard output is for who started us.
_STDERR: Final = {"formatter": "generic", "class": "logging.StreamHandler", "stream": "ext://sys.stderr"}
PORTS: Final = 100  # how many ports are tried from the wanted one on
PATIENCE: Final = 10.0  # seconds that the background worker has to finish what it is at
RESTART: Final = (0.5, 30.0)  # seconds before a dead background worker is started again: at first, at most
HEALTHY: Final = 60.0  # seconds after which a worker that dies counts as one that had lived well

log = structlog.get_logger("partstat.serving")


def serve(
    settings: Settings, host: str, port: int, workers: int = 2, on_ready: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; blocks, and must be called from the main thread.

    `on_ready` is called once, with the address, when the first request has been answered. Raises SchemaOutOfDate
    before anything is started.
    """
    _check(settings)
    # Never forked: a child must not inherit locks and connections of threads that it does not have.
    multiprocessing.set_start_method("spawn", force=True)
    logs.configure(settings.log_level)
    beside = Beside(settings)
    beside.start()
    if on_ready is not None:
        threading.Thread(target=_wait_until_ready, args=(host, port, on_ready), daemon=True).start()
    server = Server(
        "gateway.web.wsgi:make",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=int(PATIENCE),
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {"console": _STDERR, "access": _STDERR}},
        log_access=False,  # ours has no secrets in it
    )
    try:
        server.serve(target_loader=partial(wsgi.served, settings, os.getpid()), wrap_loader=False)
    finally:
        beside.stop()


def free_port(host: str, wanted: int) -> int:
    """Give the wanted port, or the next one that is free; 0 wants any. Raises BadRequest where none is."""
    for port in range(wanted, min(wanted + PORTS, 65_536)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            # A port whose last connections are still fading is free; one that somebody listens on is not.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise BadRequest("port", f"none of {PORTS} ports from {wanted} on is free")


def _check(settings: Settings) -> None:
    house = House(settings)
    try:
        moving_in.check(house)
    finally:
        house.store.close()


class Beside:
    """The background worker as a child process: started again when it dies, stopped with the server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # A thread's event: one shared with a child that is killed while it waits can never be set again.
        self._stop = threading.Event()
        self._watch = threading.Thread(target=self._watching, name="background worker", daemon=True)

    def start(self) -> None:
        """Start the worker, and watch over it."""
        self._watch.start()

    def stop(self) -> None:
        """Stop the worker; one that does not end in time is killed."""
        self._stop.set()
        self._watch.join(PATIENCE + 5)

    def _watching(self) -> None:
        pause = RESTART[0]
        while not self._stop.is_set():
            child = multiprocessing.Process(
                target=_work, args=(self._settings, os.getpid()), name="partstat-worker", daemon=True
            )
            started = time.monotonic()
            child.start()
            while child.is_alive() and not self._stop.wait(0.2):
                pass
            if self._stop.is_set():
                self._end(child)
                return
            pause = RESTART[0] if time.monotonic() - started > HEALTHY else min(pause * 2, RESTART[1])
            log.error("worker died", code=child.exitcode, again_in=pause)
            self._stop.wait(pause)

    def _end(self, child: multiprocessing.process.BaseProcess) -> None:
        child.terminate()
        child.join(PATIENCE)
        if child.is_alive():
            child.kill()
            child.join()


def _work(settings: Settings, parent: int) -> None:
    """Be the background worker, until SIGTERM or until left behind by the server."""
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    # Ctrl-C reaches every process of a terminal; the server decides for both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure(settings.log_level)
    wsgi.end_with(parent)
    worker.run(settings, stop)


def _wait_until_ready(host: str, port: int, on_ready: Callable[[str], None]) -> None:
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound to, but recognised
    while not _answers(near, port):
        time.sleep(0.05)
    shown = f"[{near}]" if ":" in near else near
    on_ready(f"http://{shown}:{port}")


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
