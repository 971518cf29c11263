"""What can go wrong while mapping; how it is answered is decided elsewhere."""

from __future__ import annotations


class MappingError(Exception):
    """Something could not be mapped."""


class NotWhole(MappingError):
    """The CRM's rows of this event do not make a whole invitation yet."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unmappable(MappingError):
    """A CRM value has no meaning that a calendar could show."""

    def __init__(self, field: str, rule: str) -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule


class Unreadable(MappingError):
    """The message or calendar data cannot be read."""

    def __init__(self, rule: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {rule}" if line else rule)
        self.rule = rule
        self.line = line


class LimitExceeded(MappingError):
    """The message or calendar data is larger than what we read."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(f"{what}: more than {limit}")
        self.what = what
        self.limit = limit


class RefusedAct(MappingError):
    """The life of a row does not allow this act."""

    def __init__(self, act: str, rule: str) -> None:
        super().__init__(f"{act}: {rule}")
        self.act = act
        self.rule = rule
