"""Every setting that there is: what it is called, what it has to be, what it is when nobody says, what it means."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_network
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from gateway.setting_kinds import (
    AuthservId,
    BaseUrl,
    DatabaseUrl,
    Directory,
    HostPort,
    ImapUrl,
    Language,
    LogLevel,
    MailAddress,
    Natural,
    Networks,
    Outbound,
    Positive,
    SmtpUrl,
    Trusts,
    Zone,
)

PREFIX = "PARTSTAT_"


class Settings(BaseModel):
    """What an operator can choose. Made by `load_settings`, never changed afterwards."""

    # Inputs are hidden in pydantic's own messages, because one of them is a password.
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    database_url: DatabaseUrl = Field(
        default="sqlite:///partstat.db",
        description="Where the data lives: a SQLite file (a path or sqlite:///path) or a postgresql:// URL.",
    )
    base_url: BaseUrl = Field(
        default="http://127.0.0.1:8080",
        description="The address under which people and calendar clients reach the gateway.",
    )
    timezone: Zone = Field(
        default="Europe/Oslo",
        description="The CRM's base time zone, in which it keeps the times of appointments.",
    )
    crm_embedded: bool = Field(
        default=True,
        description="Whether the gateway makes and owns the CRM tables; false attaches it to those of a CRM.",
    )
    writes_identity: bool = Field(
        default_factory=lambda earlier: bool(earlier.get("crm_embedded", True)),
        description="Whether invitations made here get a row in the CRM's own table of iCalendar identities.",
    )
    outbound: Outbound = Field(
        # An embedded gateway is the only one who could tell people; beside a CRM, the CRM mails already.
        default_factory=lambda earlier: "external" if earlier.get("crm_embedded", True) else "off",
        description="Whom the gateway mails: off (nobody), external (people without a diary here) or all.",
    )
    mail_address: MailAddress = Field(
        default="",
        description="The gateway's own mailbox: what it mails comes from there, and answers go there.",
    )
    smtp_url: SmtpUrl = Field(
        default="",
        description="The mail server that takes what we send, by smtp://user:password@host:587 or smtps://.",
    )
    imap_url: ImapUrl = Field(
        default="",
        description="The mailbox that answers come to, imaps://user:password@host/INBOX, followed while serving "
        "(needs the extra `mail`).",
    )
    lmtp_listen: HostPort = Field(
        default="",
        description="The host:port on which a mail server of your own may hand mail over by LMTP while serving "
        "(needs the extra `mail`).",
    )
    mail_trust: Trusts = Field(
        default=("token", "inside", "aligned", "on-behalf", "weak"),
        description="Which proof of a sender is enough for an answer to take effect by itself; others are held.",
    )
    mail_invitations: bool = Field(
        default=False,
        description="Whether invitations by mail from people whom the CRM knows go into the diaries of those invited.",
    )
    mail_authserv_id: AuthservId = Field(
        default="",
        description="The name under which your own mail server writes Authentication-Results; only those are believed.",
    )
    mail_own_hops: Natural = Field(
        default=0,
        description="How many Received fields of your own servers stand above the Authentication-Results they write.",
    )
    mail_exchange: bool = Field(
        default=False,
        description="Whether your own Exchange says which mail is from inside (X-MS-Exchange-Organization-AuthAs).",
    )
    mail_dkim: bool = Field(
        default=False,
        description="Whether DKIM and DMARC are looked up in the DNS where your mail server says nothing "
        "(needs the extra `mail`).",
    )
    organizer_tokens: bool = Field(
        default=False,
        description="Whether each guest sees an organizer address of their own, which proves whose answer it is.",
    )
    show_guests: bool = Field(
        default=True,
        description="Whether a mailed invitation names the other guests.",
    )
    mail_language: Language = Field(
        default="en",
        description="The language of mails for whom the CRM names none: de, en or nb.",
    )
    mail_brake: Positive = Field(
        default=500,
        description="How many mails an hour may plan; what goes beyond is kept until somebody says that it is right.",
    )
    settle_seconds: Natural = Field(
        default=20,
        description="How long an event must be quiet before its changes are announced.",
    )
    history_days: Positive = Field(
        default=365,
        description="How far back calendars reach, in days.",
    )
    tombstone_days: Positive = Field(
        default=90,
        description="How long a calendar remembers what left it: a client away for longer fetches all of it afresh.",
    )
    directory: Directory = Field(
        default="colleagues",
        description="Whom an associate can look up over CalDAV: colleagues (names, mailboxes and rooms) or only self.",
    )
    feed_refresh_minutes: Positive = Field(
        default=15,
        description="How often subscribers are asked to fetch a feed again, in minutes.",
    )
    max_mail_bytes: Positive = Field(
        default=10 * 1024 * 1024,
        description="The largest mail that is read.",
    )
    max_dav_bytes: Positive = Field(
        default=1024 * 1024,
        description="The largest body of a CalDAV request other than a calendar object.",
    )
    max_calendar_bytes: Positive = Field(
        default=1024 * 1024,
        description="The largest calendar object that a client may store.",
    )
    max_hrefs: Positive = Field(
        default=5_000,
        description="How many calendar objects a CalDAV client may name in one request.",
    )
    max_results: Positive = Field(
        default=20_000,
        description="How many calendar objects one CalDAV answer lists; of a synchronisation, one page.",
    )
    series_days: Positive = Field(
        default=400,
        description="How far ahead a series without an end has rows in the CRM; the worker adds more as time goes by.",
    )
    max_occurrences: Positive = Field(
        default=750,
        description="How many occurrences one series may have when it is made here.",
    )
    max_instances: Positive = Field(
        default=20_000,
        description="How many occurrences one CalDAV answer may expand to.",
    )
    max_answer_bytes: Positive = Field(
        default=64 * 1024 * 1024,
        description="The largest answer to a CalDAV request.",
    )
    max_filter_depth: Positive = Field(
        default=10,
        description="How deep the conditions of a CalDAV query may be nested.",
    )
    max_filter_conditions: Positive = Field(
        default=100,
        description="How many conditions a CalDAV query may have.",
    )
    guesses_allowed: Positive = Field(
        default=10,
        description="How many different wrong tokens one login may show from one network before it has to wait.",
    )
    trusted_proxies: Networks = Field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="Networks of proxies that are believed when they say who asks; none believes nobody.",
    )
    read_catch_up_ms: Natural = Field(
        default=250,
        description="How long a reader may spend on publishing waiting changes, in milliseconds.",
    )
    read_catch_up_events: Natural = Field(
        default=200,
        description="How many waiting events a reader may publish before it answers.",
    )
    writer_wait_ms: Natural = Field(
        default=100,
        description="How long a reader waits for its turn to publish before it serves the last state.",
    )
    log_level: LogLevel = Field(
        default="info",
        description="How much is logged: debug, info, warning or error.",
    )

    @property
    def mails(self) -> bool:
        """Tell whether mail leaves at all."""
        return bool(self.smtp_url)

    def __repr_args__(self) -> Iterable[tuple[str | None, object]]:
        """Show every setting but the passwords in URLs."""
        for key, value in super().__repr_args__():
            yield key, mask_password(value) if key in WITH_PASSWORDS else value


# Settings that are URLs with a password in them.
WITH_PASSWORDS = frozenset({"database_url", "smtp_url", "imap_url"})


class SettingRow(NamedTuple):
    """One line of the table of settings in the README."""

    key: str
    default: str
    description: str


# A default that depends on another setting is told in words.
DEFAULTS_IN_WORDS = {
    "writes_identity": "true; false when crm_embedded is false",
    "outbound": "external; off when crm_embedded is false",
}


def describe() -> Iterator[SettingRow]:
    """Yield every setting with its default and its meaning, in the order in which they are declared."""
    for name, field in Settings.model_fields.items():
        default = DEFAULTS_IN_WORDS.get(name) or as_written(field.default)
        yield SettingRow(called(name), default, field.description or "")


def mask_password(url: object) -> str:
    """Return the URL with its password replaced by `***`; works on URLs that are not valid too."""
    scheme, mark, rest = str(url).partition("://")
    if not mark:
        return str(url)
    # libpq also takes the password as an option after the question mark.
    rest, question, options = rest.partition("?")
    kept = [option if not option.startswith("password=") else "password=***" for option in options.split("&")]
    credentials, at, place = rest.rpartition("@")
    user, colon, _ = credentials.partition(":")
    return f"{scheme}{mark}{user}{colon}{'***' if colon else ''}{at}{place}{question}{'&'.join(kept)}"


def as_written(value: object) -> str:
    """Give a value as somebody would write it."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def called(name: str) -> str:
    """Give the environment's name of a setting."""
    return PREFIX + name.upper()
