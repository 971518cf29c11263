"""`load`: rows of the CRM from one JSON file, all of them or none, and published in silence (docs/load-format.md)."""

from __future__ import annotations

import difflib
import json
import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.crm import loading, touched
from gateway.crm.loading import Cell
from gateway.errors import LoadError
from gateway.services import publish
from gateway.services.adopt import adopt
from gateway.services.house import House
from gateway.store import adopting, residence
from mappings import moments, times
from mappings.moments import Calendar

MAX_BYTES: Final = 64 << 20
FILE: Final = "the file"


class Broken(ValueError):
    """One cell breaks the rule that is its message."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows of each table were written, the rows of `visiblefor` that were made among them."""

    rows: Mapping[str, int]


def load(house: House, text: bytes, progress: Callable[[str], None] = lambda _: None) -> Loaded:
    """Write the rows of a load file in one transaction and publish them without telling anybody outside.

    `progress` is told in words how far it is. Raises LoadError naming the place and the rule, and then nothing is
    loaded; SchemaOutOfDate where nobody has moved in.
    """
    if not house.settings.crm_embedded:
        raise LoadError("crm_embedded", "the tables belong to a CRM here, and only it makes rows")
    _ = house.reader  # raises where nobody has moved in
    rows = read(text, Calendar(house.today(), house.settings.timezone))
    written: dict[str, int] = {}
    with house.store.writing() as connection:
        loading.check(connection, rows)
        for table, count in loading.write(connection, rows, house.clock.now()):
            written[table] = count
            progress(f"{table}: {count}")
        residence.stand(connection, adopted=False, below=touched.highest(connection))
        adopting.begin_again(connection)
    # The marks go first, while nothing is adopted: what no calendar leads to would be news after that.
    publish.catch_up(house)
    adopt(house, progress=lambda done, of: progress(f"published: {done} of {of}"))
    return Loaded(written)


# --- reading -------------------------------------------------------------------------------------------------------


def read(text: bytes, calendar: Calendar) -> dict[str, list[loading.Row]]:
    """Read and check a load file as far as that goes without a database; raises LoadError at the first fault."""
    content = _json(text)
    _only(content, FILE, ("about", "tables"))
    if not isinstance(content.get("about", ""), str):
        raise LoadError("about", "has to be words about the file")
    tables = content.get("tables")
    if not isinstance(tables, dict):
        raise LoadError("tables", "has to be an object with a list of rows for each table")
    cells = loading.cells()
    _only(tables, "tables", cells)
    return {name: _rows(name, cells[name], given, calendar) for name, given in tables.items()}


def _json(text: bytes) -> dict[str, Any]:
    if len(text) > MAX_BYTES:
        raise LoadError(FILE, f"is larger than {MAX_BYTES >> 20} MiB")
    try:
        content = json.loads(text.decode("utf-8-sig"), object_pairs_hook=_once)
    except UnicodeDecodeError as error:
        raise LoadError(FILE, f"is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise LoadError(f"line {error.lineno}, column {error.colno}", f"is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise LoadError(FILE, "is nested deeper than rows in tables are") from error
    except ValueError as error:
        raise LoadError(FILE, f"has a number beyond all limits: {error}") from error
    if not isinstance(content, dict):
        raise LoadError(FILE, 'has to be one JSON object: {"about": …, "tables": {…}}')
    return content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise LoadError(FILE, f"has {twice[:80]!r} twice in one object")
    return found


def _only(given: Mapping[str, Any], where: str, known: Collection[str]) -> None:
    for key in given:
        if key not in known:
            name = key[:80]
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise LoadError(name if where == FILE else f"{where}.{name}", f"is no name that is known here{hint}")


def _rows(name: str, cells: Mapping[str, Cell], given: object, calendar: Calendar) -> list[loading.Row]:
    place = f"tables.{name}"
    if not isinstance(given, list):
        raise LoadError(place, "has to be a list of rows")
    return [_row(f"{place}[{number}]", cells, row, loading.key_of(name), calendar) for number, row in enumerate(given)]


def _row(place: str, cells: Mapping[str, Cell], given: object, key: str, calendar: Calendar) -> loading.Row:
    if not isinstance(given, dict):
        raise LoadError(place, "has to be a row: an object with a value for each column")
    _only(given, place, cells)
    row: loading.Row = {}
    for column, value in given.items():
        try:
            row[column] = _READERS[cells[column].kind](value, cells[column].limit, calendar)
        except ValueError as error:
            raise LoadError(f"{place}.{column}", str(error)) from error
    if row.get(key, 0) < 1:
        raise LoadError(f"{place}.{key}", "has to be given: the row's own number, 1 or more")
    return row


def _number(value: object, limit: int, _: Calendar) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Broken("has to be a whole number")
    if not -limit <= value < limit:
        raise Broken(f"lies outside {-limit} to {limit - 1}")
    return value


def _amount(value: object, _: int, __: Calendar) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise Broken("has to be a number")
    return float(value)


def _words(value: object, limit: int, _: Calendar) -> str:
    if not isinstance(value, str):
        raise Broken("has to be words, between quotation marks")
    if limit and len(value) > limit:
        raise Broken(f"is longer than {limit} characters")
    if "\x00" in value or not _encodes(value):
        raise Broken("holds a character that no database keeps")
    return value


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def _wall(value: object, _: int, calendar: Calendar) -> int:
    if not isinstance(value, str):
        return _in_range(value)
    return _in_range(calendar.wall(value))


def _utc(value: object, _: int, calendar: Calendar) -> int:
    """Read an instant: a number is one; words are read on the clock of the base zone."""
    if not isinstance(value, str):
        return _in_range(value)
    return times.instant(_in_range(calendar.wall(value)), calendar.zone)


def _in_range(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Broken(moments.LOADED)
    if not times.EARLIEST <= value < times.LATEST:
        raise Broken(moments.RANGE)
    return value


_READERS: Final[Mapping[str, Callable[[object, int, Calendar], Any]]] = {
    "number": _number,
    "amount": _amount,
    "words": _words,
    "wall": _wall,
    "utc": _utc,
}
