"""A piece of Spark SQL from the settings -> the columns that it reads, what it fixes, its clock at T."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import SparkSession

_NO_CONSTANT = ("UnresolvedAttribute", "UnresolvedFunction", "ScalarSubquery", "UnresolvedStar")
_QUOTED = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`]|``)*`"
_CLOCK = re.compile(
    rf"(?P<quoted>{_QUOTED})"
    r"|\b(?:(?P<instant>current_timestamp)\b(?:\s*\(\s*\))?|(?P<now>now|unix_timestamp)\s*\(\s*\)"
    r"|(?P<wall>localtimestamp)\b(?:\s*\(\s*\))?|(?P<day>current_date)\b(?:\s*\(\s*\))?"
    r"|(?P<today>curdate)\s*\(\s*\))",
    re.IGNORECASE,
)


def reads(spark: SparkSession, sql: str, columns: list[str]) -> list[str]:
    """Return which of some columns an expression reads, in their order and spelling; of `a.b` it is `a`."""
    named = set(_names(_parsed(spark, sql), frozenset()))
    return [c for c in columns if c.lower() in named]


def fixes(spark: SparkSession, sql: str, columns: list[str]) -> dict[str, str]:
    """Return the columns that a condition holds to one constant (`tenant_id = 7 AND …`), with its SQL.

    A column named twice keeps the first; whether a row then meets the condition is for evaluation to say.
    """
    spelt = {c.lower(): c for c in columns}
    constants: dict[str, str] = {}
    for part in _conjuncts(_parsed(spark, sql)):
        if _kind(part) not in ("EqualTo", "EqualNullSafe"):
            continue
        for side, other in ((part.left(), part.right()), (part.right(), part.left())):
            name = spelt.get((_column(side) or "").lower())
            if name is not None and len(_parts(side)) == 1 and _is_constant(other):
                constants.setdefault(name, str(other.sql()))
    return constants


def at_instant(sql: str, at: datetime) -> str:
    """Return the expression with its clock standing at T: the same plan whenever it is made."""
    stamp = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"

    def replacement(match: re.Match[str]) -> str:
        function = (match["now"] or "").lower()
        if match["quoted"]:
            return match["quoted"]
        if match["instant"] or function == "now":
            return f"TIMESTAMP '{stamp}Z'"
        if function:
            return f"unix_seconds(TIMESTAMP '{stamp}Z')"
        return f"TIMESTAMP_NTZ '{stamp}'" if match["wall"] else f"DATE '{stamp[:10]}'"

    return _CLOCK.sub(replacement, sql)


def has_clock(sql: str) -> bool:
    """Whether the expression depends on the instant at which it is evaluated."""
    return any(match["quoted"] is None for match in _CLOCK.finditer(sql))


def _parsed(spark: SparkSession, sql: str) -> Any:
    """Catalyst's own parser, so that quotes, comments and lambdas are read as Spark reads them."""
    return spark._jsparkSession.sessionState().sqlParser().parseExpression(sql)


def _names(node: Any, bound: frozenset[str]) -> Iterator[str]:
    """The names that a tree reads, in lower case, less those that a lambda around them binds."""
    if _kind(node) == "LambdaFunction":
        arguments = node.arguments()
        own = {_parts(arguments.apply(n))[0].lower() for n in range(arguments.size())}
        yield from _names(node.function(), bound | own)
        return
    # The parser takes every name within a lambda for a variable of it.
    if _kind(node) in ("UnresolvedAttribute", "UnresolvedNamedLambdaVariable"):
        name = _parts(node)[0].lower()
        yield from () if name in bound else (name,)
    children = node.children()
    for n in range(children.size()):
        yield from _names(children.apply(n), bound)


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    children = node.children()
    for n in range(children.size()):
        yield from _nodes(children.apply(n))


def _kind(node: Any) -> str:
    return str(node.getClass().getSimpleName())


def _parts(node: Any) -> list[str]:
    parts = node.nameParts()
    return [str(parts.apply(n)) for n in range(parts.size())]


def _column(node: Any) -> str | None:
    return _parts(node)[0] if _kind(node) == "UnresolvedAttribute" else None


def _conjuncts(node: Any) -> Iterator[Any]:
    if _kind(node) == "And":
        yield from _conjuncts(node.left())
        yield from _conjuncts(node.right())
    else:
        yield node


def _is_constant(node: Any) -> bool:
    return not any(_kind(each) in _NO_CONSTANT for each in _nodes(node))
