"""An LMTP listener: a mail server hands messages over, and hears of each that it is on disk (RFC 2033).

It stands behind a mail server of one's own, which knows senders and turns junk away; it is no server for the internet.
What is stored is ours, whatever its outcome: the mail server hears OK. What could not be stored it keeps, and sends it
again.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import structlog

from gateway.errors import GatewayError, TooLarge
from gateway.ports import Stop
from gateway.services.house import House
from gateway.services.ingest import ingest
from gateway.settings import Settings

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

DOOR: Final = "lmtp"
MOST_RECIPIENTS: Final = 100  # of one message
IDLE: Final = 120.0  # seconds that a silent connection is kept
LOOK: Final = 0.2  # seconds between two looks at whether to stop
AGAIN: Final = 10.0  # seconds before an address that could not be had is tried again
LONGEST: Final = 1 << 20  # octets of a line: programs write longer ones than the 1,000 of RFC 5321 4.5.3.1.6

_STORED: Final = "250 2.0.0 stored"
_TOO_LARGE: Final = "552 5.3.4 the message is too large"
_LATER: Final = "451 4.3.0 cannot be stored now, try again later"
_CROWD: Final = "452 4.5.3 too many recipients"

log = structlog.get_logger("partstat.lmtp")


class Desk:
    """Takes messages over; the names of the methods are those of aiosmtpd's hooks."""

    def __init__(self, house: House, *, vouched: bool) -> None:
        self._house, self._vouched = house, vouched

    async def handle_RCPT(  # noqa: N802 - the hook's own name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept whoever the mail server has for us, up to MOST_RECIPIENTS."""
        del server, session
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return _CROWD
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store and judge a message, and give one line for each recipient (RFC 2033 4.2)."""
        del server, session
        raw = envelope.original_content or b""
        said = await asyncio.get_running_loop().run_in_executor(None, self._taken, raw)
        return "\r\n".join([said] * len(envelope.rcpt_tos))

    def _taken(self, raw: bytes) -> str:
        try:
            ended = ingest(self._house, raw, door=DOOR, vouched=self._vouched)
        except TooLarge:
            return _TOO_LARGE
        except GatewayError as error:
            log.warning("not taken in", error=type(error).__name__)
            return _LATER
        except Exception:
            # Whatever goes wrong, a message that nobody has told is stored must not be lost.
            log.exception("not taken in")
            return _LATER
        finally:
            self._house.store.release()  # the next message may come to another thread
        return f"{_STORED} {ended.outcome} {ended.inbox_id}"


async def serve(
    house: House, host: str, port: int, *, vouched: bool, stop: asyncio.Event, on_ready: Callable[[int], None]
) -> None:
    """Listen until told to stop; `on_ready` hears the port. Raises OSError for an address that cannot be had."""
    from aiosmtpd.lmtp import LMTP  # noqa: PLC0415 - from the extra `mail`

    class Patient(LMTP):
        line_length_limit = LONGEST

    desk, limit = Desk(house, vouched=vouched), house.settings.max_mail_bytes
    loop = asyncio.get_running_loop()

    def connection() -> asyncio.Protocol:
        return Patient(desk, data_size_limit=limit, hostname="partstat", ident="Partstat", timeout=IDLE, loop=loop)

    server = await loop.create_server(connection, host, port)
    async with server:
        on_ready(server.sockets[0].getsockname()[1])
        await stop.wait()


def run(house: House, host: str, port: int, *, vouched: bool, on_ready: Callable[[int], None]) -> None:
    """Listen until the process is told to end (SIGTERM, SIGINT)."""

    async def until_told() -> None:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # where there are no signals
                loop.add_signal_handler(number, stop.set)
        await serve(house, host, port, vouched=vouched, stop=stop, on_ready=on_ready)

    asyncio.run(until_told())


def listen(settings: Settings, stop: Stop) -> None:
    """Listen where the settings say until `stop` is set; an address that cannot be had is tried for ever."""
    host, _, port = settings.lmtp_listen.rpartition(":")
    house = House(settings)

    async def until_told() -> None:
        told = asyncio.Event()
        serving = asyncio.create_task(
            serve(house, host, int(port), vouched=False, stop=told, on_ready=lambda at: log.info("listening", port=at))
        )
        while not stop.is_set() and not serving.done():
            await asyncio.wait([serving], timeout=LOOK)
        told.set()
        await serving

    try:
        while not stop.is_set():
            try:
                asyncio.run(until_told())
            except OSError as error:
                log.warning("cannot listen", where=settings.lmtp_listen, error=str(error))
                stop.wait(AGAIN)
    finally:
        house.store.close()
