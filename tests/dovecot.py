"""A private Dovecot for tests: one person's mailbox over TLS on loopback, with a certificate made for it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from imapclient import IMAPClient

NOT_FOUND = "Dovecot not found: run 'make test-tools'"
USER, PASSWORD = "answers", "secret-of-the-tests"
WAIT = 20.0  # seconds

CONFIG = """\
base_dir = {room}/run
log_path = {room}/log
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{room}/certificate.pem
ssl_key = <{room}/key.pem
mail_location = maildir:{room}/mail/box
first_valid_uid = 1
default_internal_user = {account}
default_internal_group = {group}
default_login_user = {account}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={room}/mail
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Dovecot:
    """A running server; it can be stopped and started again."""

    room: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"imaps://{USER}:{PASSWORD}@localhost:{self.port}/INBOX"

    @property
    def certificate(self) -> str:
        return str(self.room / "certificate.pem")

    def start(self) -> None:
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        assert program
        self.process = subprocess.Popen(
            [program, "-F", "-c", str(self.room / "dovecot.conf")], cwd="/", stderr=subprocess.DEVNULL
        )
        for _ in range(int(WAIT / 0.05)):
            if self.process.poll() is not None:
                break
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError((self.room / "log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(WAIT)
            self.process = None

    @contextmanager
    def session(self) -> Iterator[IMAPClient]:
        """Be a mail program at work in the mailbox."""
        with IMAPClient("localhost", port=self.port, timeout=WAIT) as client:
            client.login(USER, PASSWORD)
            yield client

    def put(self, *mails: bytes) -> None:
        with self.session() as client:
            for raw in mails:
                client.append("INBOX", raw)

    def filed(self) -> dict[str, int]:
        """Count the messages of each folder that has any."""
        with self.session() as client:
            names = [name for _, _, name in client.list_folders()]
            counts = {name: client.folder_status(name, ["MESSAGES"])[b"MESSAGES"] for name in names}
        return {name: count for name, count in counts.items() if count}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Let a server run; skips where there is no Dovecot."""
    if shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin") is None:
        pytest.skip(NOT_FOUND)
    me = pwd.getpwuid(os.geteuid())
    owner = pwd.getpwnam("nobody") if me.pw_uid == 0 else me
    room = Path(tempfile.mkdtemp(prefix="dovecot-"))  # short: the names of sockets must be
    try:
        room.chmod(0o755)
        (room / "mail").mkdir()
        os.chown(room / "mail", owner.pw_uid, owner.pw_gid)
        certify(room)
        server = Dovecot(room, _free_port())
        group = subprocess.run(["id", "-gn", owner.pw_name], check=True, capture_output=True, text=True).stdout.strip()
        text = CONFIG.format(room=room, port=server.port, password=PASSWORD, account=owner.pw_name, group=group,
                             uid=owner.pw_uid, gid=owner.pw_gid)  # fmt: skip
        (room / "dovecot.conf").write_text(text)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(room, ignore_errors=True)


def certify(room: Path) -> None:
    """Make a certificate that is its own authority, for two days."""
    asked = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    asked += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(room / "key.pem")]
    subprocess.run([*asked, "-out", str(room / "certificate.pem")], check=True, capture_output=True)
