"""The real server in processes of its own, on a free port of this machine, over a seeded database.

with living(seeded) as url:      # http://127.0.0.1:49152
    ...
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tests.seed import Seeded

ROOT = Path(__file__).parent.parent
PATIENCE = 30  # seconds to start and to stop
STARTED = "ready at "
SERVER = f"""
import json, sys
from gateway.settings import load_settings
from gateway.web.serving import free_port, serve
settings = load_settings(environ={{}}, database_url=sys.argv[1], **json.loads(sys.argv[2]))
serve(settings, "127.0.0.1", free_port("127.0.0.1", 0), 1, lambda url: print("{STARTED}" + url, flush=True))
"""


@contextmanager
def living(seeded: Seeded, **settings: object) -> Iterator[str]:
    """Start a server and give its address; it ends with the block, and must end well."""
    command = [sys.executable, "-c", SERVER, seeded.url, json.dumps({"settle_seconds": 1} | settings)]
    # What it says goes to a file: a pipe that nobody reads is full after some hundred requests, and the server waits.
    with (
        tempfile.TemporaryFile("w+") as said,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=said, text=True) as server,
    ):
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line.startswith(STARTED), _errors(said)
            yield line.removeprefix(STARTED).strip()
        finally:
            server.terminate()
            server.communicate(timeout=PATIENCE)
        errors = _errors(said)
    assert server.returncode == 0, errors
    assert '"level": "error"' not in errors, errors


def _errors(said: IO[str]) -> str:
    said.seek(0)
    return said.read()
