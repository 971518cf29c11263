"""Mail leaves by SMTP, through a server of one's own that signs and queues it (RFC 5321, RFC 6409)."""

from __future__ import annotations

import smtplib
import ssl
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from gateway.errors import MailDeferred, MailRefused
from gateway.settings import Settings

TIMEOUT: Final = 30.0  # seconds for each step of a conversation
_PORTS: Final = {"smtp": 587, "smtps": 465}


_OF_US: Final = (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError)


class Smtp:
    """One conversation with the mail server, begun when there is something to say; use it in a `with` block."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or _PORTS[self._scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._session: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def send(self, sender: str, recipient: str, raw: bytes) -> None:
        """Hand one mail over; raises MailRefused where it never will be taken, MailDeferred where it may be later."""
        try:
            if self._session is None:
                self._session = self._begin()
            self._session.sendmail(sender, [recipient], raw)
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[recipient]
            raise self._failed(code, said) from error
        except smtplib.SMTPResponseException as error:
            # What a server says of us, and not of a mail, is no reason to give that mail up.
            of_us = isinstance(error, _OF_US)
            raise self._failed(421 if of_us else error.smtp_code, error.smtp_error) from error
        except (OSError, smtplib.SMTPException) as error:
            raise self._failed(421, str(error) or type(error).__name__) from error

    def _failed(self, code: int, said: bytes | str) -> MailDeferred | MailRefused:
        """Make the error of an answer, and end the conversation unless it is about this one mail."""
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        text = " ".join(f"{code} {words}".split())[:500]
        if code == 421:
            self._end()
        return MailRefused(text) if code >= 500 else MailDeferred(text)

    def _begin(self) -> smtplib.SMTP:
        context = _context(careful=bool(self._user) or self._scheme == "smtps")
        if self._scheme == "smtps":
            session: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=context)
        else:
            session = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
        try:
            session.ehlo()
            secure = self._scheme == "smtps"
            if not secure and session.has_extn("starttls"):
                session.starttls(context=context)
                session.ehlo()
                secure = True
            if self._user:
                self._login(session, secure=secure)
        except BaseException:
            session.close()
            raise
        return session

    def _login(self, session: smtplib.SMTP, *, secure: bool) -> None:
        if not secure:
            raise smtplib.SMTPConnectError(421, "no STARTTLS is offered, and no password is sent in the clear")
        session.login(self._user, self._password)

    def _end(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except (OSError, smtplib.SMTPException):
                session.close()


def _context(*, careful: bool) -> ssl.SSLContext:
    """Give how TLS is spoken: with a certificate that can be verified, where a password is at stake or TLS is a must.

    A server nearby that takes mail without a password often shows a certificate of its own making: that is better
    than no TLS at all, and no worse (RFC 7435).
    """
    context = ssl.create_default_context()
    if not careful:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def transport(settings: Settings) -> Smtp | None:
    """Give the way out for mail; None where none is set, and nothing leaves."""
    return Smtp(settings.smtp_url) if settings.mails else None
