"""An IMAP mailbox: what arrives is taken in and moved to where its outcome belongs (RFC 9051, RFC 2177, RFC 6851).

Nothing is remembered of it: what stands in the mailbox is still to be done, and what is done is moved away. So a
mailbox that was rebuilt (another UIDVALIDITY), a connection that broke and a process that died are all the same: the
next look finds what is left. A message is moved after its outcome is stored, and known again by its bytes.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

import structlog

from gateway.errors import GatewayError, MailDeferred
from gateway.mail import filing
from gateway.ports import Stop
from gateway.services.house import House
from gateway.services.ingest import Ended, ingest
from gateway.settings import Settings
from mappings.model import Outcome

if TYPE_CHECKING:
    from imapclient import IMAPClient

DOOR: Final = "imap"
TIMEOUT: Final = 60.0  # seconds for each step of a conversation
LOOK: Final = 1.0  # seconds between two looks at whether to stop, while idle
POLL: Final = 60.0  # seconds between two looks into a mailbox whose server cannot tell of news
RENEW: Final = 300.0  # seconds after which a look is taken all the same, and IDLE begun anew (RFC 2177: 29 minutes)
PAUSES: Final = (5.0, 300.0)  # seconds before the next attempt after a failure: at first, at most
MANY: Final = 200  # messages of which the sizes are asked at once

log = structlog.get_logger("partstat.imap")


class Mailbox:
    """One session with the mailbox of an URL."""

    def __init__(self, client: IMAPClient, folder: str) -> None:
        self._client = client
        self._movable, self._precise, self._idle = (client.has_capability(c) for c in ("MOVE", "UIDPLUS", "IDLE"))
        self._prefix = self._place()
        self._made: set[str] = set()
        self._stuck: set[int] = set()
        client.select_folder(folder)

    def take_in(self, house: House, *, vouched: bool) -> Iterator[Ended]:
        """Take in what stands in the mailbox, the oldest first, and file it; gives the outcomes one by one."""
        self._told()
        waiting = sorted(set(self._client.search(["UNDELETED"])) - self._stuck)
        for start in range(0, len(waiting), MANY):
            sizes = self._client.fetch(waiting[start : start + MANY], ["RFC822.SIZE"])
            for uid in sorted(sizes):
                ended = self._one(house, uid, int(sizes[uid].get(b"RFC822.SIZE", 0)), vouched=vouched)
                if ended:
                    yield ended

    def _one(self, house: House, uid: int, size: int, *, vouched: bool) -> Ended | None:
        limit = house.settings.max_mail_bytes
        if size > limit:
            ended = Ended(Outcome.REFUSED_LIMIT, f"longer than {limit} octets", 0)
        else:
            raw = self._client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
            if raw is None:  # another follower was quicker
                return None
            try:
                ended = ingest(house, raw, door=DOOR, vouched=vouched)
            except GatewayError as error:  # it stays where it is, and is taken in later
                log.warning("not taken in", error=type(error).__name__)
                return None
        self._file(uid, filing.folder(ended))
        return ended

    def _file(self, uid: int, name: str) -> None:
        """Move a message into a folder beside the mailbox; one that cannot be moved is left alone from now on."""
        into = self._prefix + name
        try:
            if into not in self._made:
                if not self._client.folder_exists(into):
                    with suppress(self._client.Error):  # another follower was quicker
                        self._client.create_folder(into)
                self._made.add(into)
            if self._movable:
                self._client.move([uid], into)
                return
            self._client.copy([uid], into)
            self._client.delete_messages([uid])
            if self._precise:
                self._client.uid_expunge([uid])
        except self._client.Error as error:
            log.warning("cannot be filed", folder=into, error=str(error)[:200])
            self._stuck.add(uid)

    def _place(self) -> str:
        """Give what names of folders of one's own begin with (RFC 2342)."""
        if not self._client.has_capability("NAMESPACE"):
            return ""
        personal = self._client.namespace().personal
        return str(personal[0][0]) if personal else ""

    def wait(self, stop: Stop) -> None:
        """Wait for news, at most RENEW seconds; where the server cannot tell of any, POLL seconds."""
        if self._told():
            return
        if not self._idle:
            stop.wait(POLL)
            self._client.noop()
            return
        self._client.idle()
        try:
            waited = 0.0
            while not stop.is_set() and waited < RENEW:
                if any(_news(one) for one in self._client.idle_check(timeout=LOOK)):
                    return
                waited += LOOK
        finally:
            self._client.idle_done()

    def _told(self) -> bool:
        """Tell whether news came beside the answer to some command since the last look: IDLE will not tell it again."""
        _, counts = self._client._imap.response("EXISTS")  # noqa: SLF001 - imapclient shows it for NOOP alone
        return bool(counts != [None])


def _news(said: Any) -> bool:
    return len(said) > 1 and said[1] == b"EXISTS"


@contextmanager
def opened(url: str) -> Iterator[Mailbox]:
    """Open the mailbox of an URL; raises MailDeferred where that cannot be done now."""
    from imapclient import IMAPClient  # noqa: PLC0415 - from the extra `mail`

    parts = urlsplit(url)
    context = ssl.create_default_context()
    secure = parts.scheme == "imaps"
    folder = unquote(parts.path.strip("/")) or "INBOX"
    try:
        with IMAPClient(
            parts.hostname or "", port=parts.port, ssl=secure, ssl_context=context if secure else None, timeout=TIMEOUT
        ) as client:
            if not secure:
                client.starttls(context)  # raises where it is not offered: no password goes in the clear
            client.login(unquote(parts.username or ""), unquote(parts.password or ""))
            yield Mailbox(client, folder)
    except (IMAPClient.Error, OSError) as error:
        raise MailDeferred(f"the mailbox cannot be reached: {str(error)[:200] or type(error).__name__}") from error


def take_in(house: House, *, vouched: bool) -> Iterator[Ended]:
    """Take in what stands in the mailbox of the settings, once; raises MailDeferred where it cannot be reached."""
    with opened(house.settings.imap_url) as mailbox:
        yield from mailbox.take_in(house, vouched=vouched)


def follow(settings: Settings, stop: Stop) -> None:
    """Follow the mailbox of the settings until told to stop: take in what is there, wait for news, and so on.

    Whatever fails is tried again, ever more patiently.
    """
    house = House(settings)
    pause = PAUSES[0]
    try:
        while not stop.is_set():
            try:
                with opened(settings.imap_url) as mailbox:
                    while not stop.is_set():
                        for ended in mailbox.take_in(house, vouched=False):
                            log.info("taken in", outcome=ended.outcome.value, inbox=ended.inbox_id)
                        house.store.release()
                        pause = PAUSES[0]
                        mailbox.wait(stop)
            except Exception as error:  # noqa: BLE001 - a follower goes on, whatever a server says
                log.warning("mailbox left", error=str(error)[:300] or type(error).__name__, again_in=pause)
                stop.wait(pause)
                pause = min(pause * 2, PAUSES[1])
    finally:
        house.store.close()
