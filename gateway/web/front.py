"""What stands before both halves: which of them answers, the headers every answer carries, one log line per request."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import structlog

from gateway.web.dav.app import Dav, Environ, StartResponse, is_mine

Application = Callable[[Environ, StartResponse], Iterable[bytes]]

log = structlog.get_logger("partstat.access")

# Nothing here runs scripts, is framed, is guessed at or tells others where its reader came from.
SAFE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
}
# A body that is refused unread is taken in all the same where it is this small: the server closes the connection over
# one that it was not asked for, and a client whose body is a moment behind its headers would miss the answer. That is
# how most begin, with the challenge of a 401. Only so many at once, so that nobody can keep every thread waiting.
MODEST: Final = 65_536  # bytes
_PATIENT: Final = threading.BoundedSemaphore(2)
_SECRET: Final = re.compile(r"/(feeds|rsvp)/[^/]*?(\.ics|\.ifb)?(/|\Z)")


def masked(path: str) -> str:
    """Give a path as it may be written down: without the secret of a feed, and on one line."""
    shown = _SECRET.sub(r"/\1/***\2\3", path[:300])
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "?" for c in shown)


def _take_in(environ: Environ) -> None:
    """Read what is left of a modest body; whoever waits to be asked for it is not asked."""
    told = environ.get("CONTENT_LENGTH") or "0"
    modest = told.isascii() and told.isdigit() and 0 < len(told) < 6 and 0 < int(told) <= MODEST
    if not modest or "HTTP_EXPECT" in environ or not _PATIENT.acquire(blocking=False):
        return
    left = int(told)
    try:
        while left > 0 and (piece := environ["wsgi.input"].read(left)):
            left -= len(piece)
    except OSError:
        return  # it has hung up
    finally:
        _PATIENT.release()


class Front:
    """One WSGI application of two: the DAV tree, and all else."""

    def __init__(self, dav: Dav, rest: Application) -> None:
        self._dav = dav
        self._rest = rest

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let one half answer, and write down that it did; of the headers nothing is written."""
        started = time.perf_counter()
        status = ""

        def start(line: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            nonlocal status
            status = line[:3]
            told = {name.lower() for name, _ in headers}
            return start_response(line, headers + [(n, v) for n, v in SAFE.items() if n.lower() not in told], *more)

        answerer: Application = self._dav if is_mine(environ) else self._rest
        try:
            answered = answerer(environ, start)
            if not status.startswith("2"):
                _take_in(environ)
            return answered
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            path = masked(environ.get("PATH_INFO", "").encode("latin-1", "replace").decode("utf-8", "replace"))
            log.info("request", method=environ["REQUEST_METHOD"][:20], path=path, status=status, ms=milliseconds)
