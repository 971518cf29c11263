"""What all our tables have in common: how their constraints are named, and the columns that most of them have."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
}
metadata = MetaData(naming_convention=NAMES)

# SQLite counts only an INTEGER column as its row number; PostgreSQL wants the wide one.
Id = BigInteger().with_variant(Integer, "sqlite")


def key(name: str, type_: object = Id, **more: object) -> Column:  # type: ignore[type-arg]
    """Give a column of a primary key."""
    return Column(name, type_, primary_key=True, **more)  # type: ignore[arg-type]


def number(name: str, default: int = 0) -> Column:  # type: ignore[type-arg]
    """Give a column of numbers that is never empty."""
    return Column(name, BigInteger, nullable=False, server_default=str(default))
