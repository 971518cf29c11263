"""What only a speaker of HTTP can get wrong; like all errors, each says what happened and never how to answer it."""

from __future__ import annotations

from gateway.errors import GatewayError


class MethodNotAllowed(GatewayError):
    """This address does not take that method."""

    allowed: tuple[str, ...]

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self.allowed = allowed
        super().__init__()


class TooManyGuesses(GatewayError):
    """Too many wrong tokens were shown from here."""

    retry_after: int

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"Too many wrong tokens were shown from here: wait {retry_after} seconds.")


class UnsupportedMedia(GatewayError):
    """What was sent is of a kind that is not taken here."""

    def __init__(self, taken: str) -> None:
        super().__init__(f"What was sent is of a kind that is not taken here: send {taken}.")


class ReadOnly(GatewayError):
    """Calendars can be read here and not be written."""

    href: str
    privilege: str

    def __init__(self, href: str, privilege: str) -> None:
        self.href = href
        self.privilege = privilege
        super().__init__()


class InfiniteDepth(GatewayError):
    """A whole tree at once is not listed: ask with Depth 0 or 1."""


class UnsupportedFilter(GatewayError):
    """The gateway cannot filter by what was asked for.

    `kind` and `name` are those of the filter that is not supported (RFC 4791 7.8): ``prop-filter`` and ``SUMMARY``.
    """

    kind: str
    name: str

    def __init__(self, detail: str = "", kind: str = "", name: str = "") -> None:
        self.kind = kind
        self.name = name
        super().__init__(detail or "The gateway cannot filter by what was asked for.")


class InvalidFilter(GatewayError):
    """The filter breaks a rule of CalDAV."""


class UnsupportedCollation(GatewayError):
    """Text cannot be compared in the way that was asked for."""


class UnsupportedCalendarData(GatewayError):
    """Events are given as they are stored: in full, unexpanded, as iCalendar 2.0."""


class UnknownTimeZone(GatewayError):
    """A time zone is named that nobody knows."""
