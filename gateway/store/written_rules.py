"""How series recur in the words of whoever made them, by the CRM's rule (DESIGN section 4)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from gateway.chunks import chunks
from gateway.store.tables import written_rule

_w = written_rule.c
_ALL = select(_w.rule_id, _w.value)


def keep(connection: Connection, rule: int, value: str) -> None:
    """Keep what was written of a series, instead of what was kept before."""
    forget(connection, [rule])
    connection.execute(insert(written_rule).values(rule_id=rule, value=value))


def of_rules(connection: Connection, rules: Iterable[int]) -> dict[int, str]:
    """Read what was written of series; those of which something was."""
    found: dict[int, str] = {}
    for some in chunks(rules):
        found.update(connection.execute(_ALL.where(_w.rule_id.in_(some))).all())
    return found


def every(connection: Connection, after: int, most: int) -> list[tuple[int, str]]:
    """List at most `most` rules above a number with what was written of them, lowest first."""
    wanted = _ALL.where(_w.rule_id > after).order_by(_w.rule_id).limit(most)
    return [(rule, value) for rule, value in connection.execute(wanted)]


def forget(connection: Connection, rules: Iterable[int]) -> None:
    """Forget what was written of series."""
    for some in chunks(rules):
        connection.execute(delete(written_rule).where(_w.rule_id.in_(some)))
