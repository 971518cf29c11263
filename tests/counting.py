"""The statements that a store is asked, in order: the ordinary ones, and the prepared ones that go past SQLAlchemy.

with asked(house.store) as statements: ...
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from gateway.store.prepared import Prepared
from gateway.store.unit import Store


@contextmanager
def asked(store: Store) -> Iterator[list[str]]:
    """Note each statement while the block runs."""
    statements: list[str] = []
    fetch = store.fetch

    def noted(prepared: Prepared, **parameters: Any) -> Any:
        statements.append(str(prepared.statement))
        return fetch(prepared, **parameters)

    listener = ("before_cursor_execute", lambda c, k, statement, *rest: statements.append(statement))
    event.listen(store.engine, *listener)
    store.fetch = noted  # type: ignore[method-assign]
    try:
        yield statements
    finally:
        del store.fetch
        event.remove(store.engine, *listener)
