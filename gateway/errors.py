"""What can go wrong around the gateway, and never how to answer it.

A class means one thing. The table in `gateway.web` turns it into a status, a DAV element, a page or an exit
code. What can go wrong inside the pure half is in `mappings.errors`.
"""


class GatewayError(Exception):
    """Something went wrong around the gateway."""

    def __init__(self, detail: str = "") -> None:
        # Without a detail the class speaks for itself: its docstring is the message.
        super().__init__(detail or (type(self).__doc__ or type(self).__name__).strip())


class SettingsError(GatewayError):
    """The settings cannot be used as they are."""

    problems: tuple[str, ...]

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class DatabaseBusy(GatewayError):
    """Somebody else holds the database and did not let go in time."""


class DatabaseUnreachable(GatewayError):
    """The database cannot be opened."""


class SchemaOutOfDate(GatewayError):
    """The database has tables of another version than this program."""


class NotAdopted(GatewayError):
    """This calendar is still being prepared."""

    retry_after: int

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"This calendar is still being prepared: ask again in {retry_after} seconds.")


class UnknownPerson(GatewayError):
    """Nobody in the CRM goes by this login."""

    login: str

    def __init__(self, login: str) -> None:
        self.login = login
        super().__init__(f"Nobody in the CRM goes by the login {login!r}.")


class Unauthenticated(GatewayError):
    """The caller has not shown who they are."""


class Forbidden(GatewayError):
    """The caller is known and may not do this."""


class NotFound(GatewayError):
    """There is nothing at this address that the caller may see."""


class TooLarge(GatewayError):
    """What was sent is larger than the gateway takes."""

    limit: int

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"What was sent is larger than the {limit} bytes the gateway takes.")


class TooMuch(GatewayError):
    """More was asked for at once than the gateway gives."""

    what: str
    limit: int

    def __init__(self, what: str, limit: int) -> None:
        self.what = what
        self.limit = limit
        super().__init__(f"More {what} were asked for at once than the {limit} that the gateway gives.")


class BadRequest(GatewayError):
    """One field of the request breaks a rule."""

    field: str
    rule: str

    def __init__(self, field: str, rule: str) -> None:
        self.field = field
        self.rule = rule
        super().__init__(f"{field}: {rule}")


class InvalidSyncToken(GatewayError):
    """The sync token is not one that this calendar can count on from."""


class UnsupportedReport(GatewayError):
    """The gateway does not know the report that was asked for."""


class PreconditionFailed(GatewayError):
    """The resource is no longer in the state that the caller named."""


class MailDeferred(GatewayError):
    """The mail server does not take a mail now, and may later."""


class MailRefused(GatewayError):
    """The mail server will never take this mail."""


class LoadError(GatewayError):
    """A file to be loaded breaks a rule at one place."""

    where: str
    rule: str

    def __init__(self, where: str, rule: str) -> None:
        self.where = where
        self.rule = rule
        super().__init__(f"{where}: {rule}")
