"""What kinds of values settings have, and what each has to be: a ValueError says in plain words what one is not."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


def database_url(value: str, info: ValidationInfo) -> str:
    """Give the URL of a database, a file made absolute."""
    scheme, mark, rest = value.partition("://")
    if not mark:
        return _sqlite_url(value, info)
    match scheme.lower():
        case "sqlite":
            # SQLAlchemy's spelling: three slashes, then the path; a fourth slash begins an absolute path.
            return _sqlite_url(rest.removeprefix("/"), info)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return f"postgresql+psycopg://{rest}"
        case _:
            raise ValueError("is neither a file name nor a sqlite:// or postgresql:// URL")


def _sqlite_url(path: str, info: ValidationInfo) -> str:
    if path in ("", ":memory:"):
        raise ValueError("names no file: a database in memory would be forgotten between two requests")
    if "?" in path:
        raise ValueError("has a '?': a SQLite file takes no options and its name cannot hold one")
    # Made absolute here, once, so that it stays the same file wherever a later command or thread stands.
    start = (info.context or {}).get("cwd") or Path.cwd()
    return f"sqlite:///{(start / Path(path).expanduser()).absolute()}"


def base_url(value: str) -> str:
    """Give a public address without its last slash."""
    try:
        url = urlsplit(value)
        url.port  # noqa: B018 - reading it is how urllib checks the number
    except ValueError as error:
        raise ValueError("is not a URL") from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise ValueError("is not an http:// or https:// URL with a host")
    if url.query or url.fragment or url.username is not None:
        raise ValueError("has more than scheme, host, port and path")
    return value.rstrip("/")


def mail_address(value: str) -> str:
    """Give the gateway's mailbox in lower case; short enough to take a token."""
    text = value.strip().lower()
    if text and not _MAILBOX.match(text):
        raise ValueError("is not a plain mail address, with at most 30 letters, digits, dots or hyphens before the @")
    return text


def smtp_url(value: str, info: ValidationInfo) -> str:
    """Give the address of a mail server; it needs a mailbox to send from."""
    if not value:
        return value
    _mail_server(value, ("smtp", "smtps"))
    if not info.data.get("mail_address"):
        raise ValueError("needs PARTSTAT_MAIL_ADDRESS, the mailbox from which mail is sent")
    return value


def imap_url(value: str) -> str:
    """Give the address of a mailbox."""
    if value:
        _mail_server(value, ("imap", "imaps"))
        if not urlsplit(value).username:
            raise ValueError("names nobody to log in as: imaps://user:password@host/INBOX")
    return value


def host_port(value: str) -> str:
    """Give a host and a port to listen on."""
    host, _, port = value.rpartition(":")
    if value and not (host and port.isdecimal() and int(port) < 65_536):
        raise ValueError("is not host:port")
    return value


def _mail_server(value: str, schemes: tuple[str, ...]) -> None:
    try:
        url = urlsplit(value)
        url.port  # noqa: B018 - as above
    except ValueError as error:
        raise ValueError("is not a URL") from error
    if url.scheme not in schemes or not url.hostname:
        raise ValueError(f"is not a {' or '.join(f'{scheme}://' for scheme in schemes)} URL with a host")


def zone(value: str) -> str:
    """Give the name of an IANA zone."""
    try:
        ZoneInfo(value)
    except (OSError, ValueError, LookupError) as error:  # a folder, a path that climbs, a name nobody knows
        raise ValueError("is not an IANA time zone") from error
    return value


def _networks(value: object) -> object:
    """Read a list of networks: a line with commas between them, a TOML array, or *none*."""
    if str(value).strip().lower() in ("", "none"):
        return ()
    some = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(_network(str(one).strip()) for one in some)


def _network(value: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value)
    except ValueError as error:
        raise ValueError(f"is not a list of networks like 10.0.0.0/8, ::1/128: {error}") from error


_MAILBOX = re.compile(r"[a-z0-9][a-z0-9.-]{0,29}@[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?\Z")

MailAddress = Annotated[str, AfterValidator(mail_address)]
ImapUrl = Annotated[str, AfterValidator(imap_url)]
HostPort = Annotated[str, AfterValidator(host_port)]
SmtpUrl = Annotated[str, AfterValidator(smtp_url)]
Language = Annotated[Literal["de", "en", "nb"], BeforeValidator(_lower)]
TRUSTS = ("token", "inside", "aligned", "on-behalf", "weak")


def _trusts(value: object) -> object:
    """Read a list of proofs: a line with commas between them, a TOML array, or *none*."""
    if str(value).strip().lower() in ("", "none"):
        return ()
    some = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(str(one).strip().lower() for one in some)


def _known_trusts(value: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [one for one in value if one not in TRUSTS]
    if unknown:
        raise ValueError(f"is not a list of some of {', '.join(TRUSTS)}")
    return value


def authserv_id(value: str) -> str:
    """Give the name of a mail server, in lower case."""
    text = value.strip().lower()
    if len(text.split()) > 1 or ";" in text:
        raise ValueError("is not the name of a mail server")
    return text


Trusts = Annotated[tuple[str, ...], BeforeValidator(_trusts), AfterValidator(_known_trusts)]
AuthservId = Annotated[str, AfterValidator(authserv_id)]
DatabaseUrl = Annotated[str, AfterValidator(database_url)]
BaseUrl = Annotated[str, AfterValidator(base_url)]
Zone = Annotated[str, AfterValidator(zone)]
Directory = Annotated[Literal["colleagues", "self"], BeforeValidator(_lower)]
Outbound = Annotated[Literal["off", "external", "all"], BeforeValidator(_lower)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_networks)]
Positive = Annotated[int, Field(ge=1)]
Natural = Annotated[int, Field(ge=0)]
