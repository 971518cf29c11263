"""A Maildir: what is delivered there is taken in and filed, message by message.

A message is filed after its outcome is stored. Whoever dies in between finds it again and files it as received before;
two at work in one Maildir take each message once, for the bytes are what is known again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from gateway.errors import BadRequest, TooLarge
from gateway.mail.filing import folder
from gateway.services.house import House
from gateway.services.ingest import Ended, ingest
from mappings.model import Outcome

DOOR: Final = "maildir"
_PARTS: Final = ("cur", "new", "tmp")


def is_maildir(path: Path) -> bool:
    """Tell whether a path is a Maildir."""
    return all((path / part).is_dir() for part in _PARTS)


def take_in(house: House, path: Path, *, vouched: bool) -> Iterator[Ended]:
    """Take in what is new in a Maildir, the oldest delivery first, and file it; gives the outcomes one by one.

    Raises BadRequest for what is no Maildir.
    """
    if not is_maildir(path):
        raise BadRequest("FILE", f"{path} is a folder but no Maildir (cur, new, tmp)")
    for message in sorted(_messages(path)):
        # Another process may have filed it meanwhile.
        with suppress(FileNotFoundError):
            yield _taken(house, path, message, vouched=vouched)


def _messages(path: Path) -> Iterator[Path]:
    return (entry for entry in (path / "new").iterdir() if entry.is_file() and not entry.name.startswith("."))


def _taken(house: House, path: Path, message: Path, *, vouched: bool) -> Ended:
    limit = house.settings.max_mail_bytes
    with message.open("rb") as opened:
        raw = opened.read(limit + 1)
    try:
        ended = ingest(house, raw, door=DOOR, vouched=vouched)
    except TooLarge:
        ended = Ended(Outcome.REFUSED_LIMIT, f"longer than {limit} octets", 0)
    _file(path / f".{folder(ended)}", message)
    return ended


def _file(into: Path, message: Path) -> None:
    """Move a message into a folder as seen (Maildir++): `name:2,S` in its `cur`."""
    for part in _PARTS:
        (into / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    (into / "maildirfolder").touch(mode=0o600)
    message.rename(into / "cur" / f"{message.name.partition(':')[0]}:2,S")
