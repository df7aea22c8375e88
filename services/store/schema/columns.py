"""Columns and constraints that several tables share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Identity, MetaData, text

metadata = MetaData()


def id_column() -> Column[Any]:
    """A generated bigint primary key."""
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def moment(name: str, *, required: bool = False, now: bool = False) -> Column[Any]:
    """A timestamptz; `now`: its default is now()."""
    return Column(
        name, DateTime(timezone=True), nullable=not required, server_default=text("now()") if now else None
    )


def article_id_column(*, key: bool = True) -> Column[Any]:
    """A reference to an article, deleted with it; `key`: part of the primary key."""
    return Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=key)


_FIRST, _LAST = "'1400-01-01 00:00:00+00'", "'2200-01-01 00:00:00+00'"
POINT = "lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180"
SCORE = "score BETWEEN 0 AND 1"
ROLES = "roles <@ ARRAY['about', 'mentioned', 'dateline', 'publisher']"
NAMES = ("site_name", "provider", "agency", "dateline", "section")


def check(name: str, *conditions: str) -> CheckConstraint:
    """A CHECK on the bounds of a row: defence in depth, wider than the
    bounds of `services.contract.bounds`.
    """
    return CheckConstraint(" AND ".join(conditions), name=name)


def dated(*columns: str) -> str:
    """The condition that times lie in 1400 to 2200."""
    return " AND ".join(f"{c} >= {_FIRST} AND {c} < {_LAST}" for c in columns)


def chars(**most: int) -> str:
    """The condition that columns have at most so many characters."""
    return " AND ".join(f"char_length({column}) <= {limit}" for column, limit in most.items())


def few(column: str) -> str:
    """The condition that an array has at most 1,000 items in 200 kB."""
    return f"cardinality({column}) <= 1000 AND octet_length(array_to_string({column}, ' ')) <= 200000"
