"""Reading statements written in SQLAlchemy's words, compiled once, and run on the driver's own connection.

Compiling, and wrapping each row, cost a short read more than the database does (measured: 24 to 7 µs of a look-up by
name). So what is read all day long is prepared here; all else goes the ordinary way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Dialect, Executable, case

# What a driver takes beside the text of a statement: values in order (SQLite), or by name (PostgreSQL).
Bound = tuple[Any, ...] | dict[str, Any]


class Prepared:
    """One reading statement; its parameters are told by name, and are all required.

    Rows come as the driver gives them: plain tuples, in which SQLite's booleans are 0 and 1.
    """

    def __init__(self, statement: Executable) -> None:
        self.statement = statement
        self._compiled: dict[str, tuple[str, Callable[[Mapping[str, Any]], Bound]]] = {}

    def bound(self, dialect: Dialect, given: Mapping[str, Any]) -> tuple[str, Bound]:
        """Give the text for a database and what goes with it; raises KeyError for a missing parameter."""
        known = self._compiled.get(dialect.name)
        if known is None:
            known = self._compiled[dialect.name] = _compiled(self.statement, dialect)
        return known[0], known[1](given)


def beside(condition: Any) -> Any:
    """Give a condition that no index is chosen for: without statistics, SQLite takes any that it finds for the best."""
    return case((condition, 1), else_=0) == 1


def _compiled(statement: Any, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Bound]]:
    translated = {"crm": None} if dialect.name == "sqlite" else None
    done = statement.compile(
        dialect=dialect, schema_translate_map=translated, render_schema_translate=translated is not None
    )
    # Constants of the statement are parameters with a value of their own.
    fixed = {name: value for name, value in done.params.items() if not done.binds[name].required}
    if done.positiontup is None:
        told = [name for name in done.params if name not in fixed]
        return str(done), lambda given: fixed | {name: given[name] for name in told}
    places = [(name, fixed.get(name), name not in fixed) for name in done.positiontup]
    return str(done), lambda given: tuple([given[name] if wanted else value for name, value, wanted in places])
