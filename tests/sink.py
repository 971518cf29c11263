"""A mail server for tests: it takes what is sent to it on loopback, or says what it was told to say."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass
class Taken:
    """One mail as it arrived: its envelope, its octets, and what is read of them."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=policy.default)

    @property
    def calendar(self) -> str:
        """Give the calendar that a client acts on, unfolded."""
        (part,) = (p for p in self.mail.walk() if p.get_content_type() == "text/calendar")
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        return data.decode().replace("\r\n ", "")


@dataclass
class Sink:
    """What has arrived, and what is answered: `says` is taken from for each recipient, `hear` called for each mail."""

    url: str = ""
    taken: list[Taken] = field(default_factory=list)
    says: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _s: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        said = self.says.pop(0) if self.says else "250 ok"
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(Taken(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content))
        return "250 taken"


@contextmanager
def sink(**options: Any) -> Iterator[Sink]:
    """Let a mail server run on a free port; `options` are those of aiosmtpd."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        found = Sink(f"smtp://127.0.0.1:{port}")
        controller = _Listening(found, listening, port, options)
        controller.start()
        try:
            yield found
        finally:
            controller.stop()


class _Listening(Controller):
    """Takes a socket that listens already, so that nobody else can take its port."""

    def __init__(self, handler: Sink, listening: socket.socket, port: int, options: dict[str, Any]) -> None:
        super().__init__(handler, hostname="127.0.0.1", port=port, **options)
        self._listening = listening

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)
