"""Every SQL of a dataset -> mistakes: no SQL, names that are not there, more than a row's own value."""

import typing as t
from collections.abc import Iterator, Mapping

from jobs.settings.dataset import Dataset
from jobs.settings.expressions import Expression, expressions
from jobs.settings.functions import builtin
from jobs.settings.model import closest, unknown, value_text
from jobs.settings.nodes import Loc
from jobs.settings.record import ITEM, roots
from jobs.settings.source import Source
from jobs.settings.sql import Parsed, Reference, SqlError, parsed

Mistake = tuple[Loc, str]

# Settings that bring functions of their own; then no name of a function is known to be wrong.
_EXTENDING = "spark.sql.extensions"
_KINDS = {
    "aggregate": "is an aggregate, which needs many rows; an expression here sees one row",
    "window": "is a window function, which needs many rows; an expression here sees one row",
    "generator": "makes several rows of one; an expression here gives one value",
}
_MISPLACED = {
    "a subquery": "holds a subquery; an expression here sees one row and no table",
    "a window (OVER)": "looks over many rows (OVER); an expression here sees one row",
    "a star": "is all columns (*); an expression here gives one value",
}


class Scope(t.NamedTuple):
    """What an expression may read: `names` of a `kind` (None: any), flat or with parts below them."""

    kind: str
    names: tuple[str, ...] | None
    exact: bool = False
    flat: bool = False

    def mistake(self, reference: Reference) -> str | None:
        """What is wrong with a name, if anything is."""
        if self.names is None:
            return None
        name = ".".join(reference.names) if self.flat else reference.names[0]
        known = self.names if self.exact else [each.lower() for each in self.names]
        if (name if self.exact else name.lower()) in known:
            return None
        return unknown(self.kind, name, self.names)


def sql_mistakes(
    dataset: Dataset, sources: Mapping[str, Source], spark: Mapping[str, t.Any], broken: frozenset[str]
) -> Iterator[Mistake]:
    """What is wrong with the SQL of a dataset; `spark` are the project's settings of Spark."""
    functions = {} if _EXTENDING in spark else builtin()
    for expression in expressions(dataset):
        # A reference that could not be resolved is told as such.
        if expression.loc[0] in broken or "${" in expression.sql:
            continue
        for text in _mistakes(expression, _scope(expression, dataset, sources, broken), functions):
            yield expression.loc, text


def _mistakes(expression: Expression, scope: Scope, functions: Mapping[str, str]) -> Iterator[str]:
    try:
        # Of a row of the store the value may have a name, which does no harm.
        read = parsed(expression.sql, named=expression.reads == "store" and expression.loc[-1] == "sql")
    except SqlError as error:
        yield str(error)
        return
    for what in read.misplaced:
        yield f"{_MISPLACED[what]}, got {value_text(expression.sql)}"
    if "a subquery" in read.misplaced:
        return
    yield from _of_names(read, expression, scope)
    for name in read.functions if functions else ():
        kind = functions.get(name.lower())
        if kind is None:
            yield f"unknown function {value_text(name)}{closest(name, functions)}"
        elif kind in _KINDS and not (kind != "generator" and "a window (OVER)" in read.misplaced):
            yield f"{name} {_KINDS[kind]}, got {value_text(expression.sql)}"


def _of_names(read: Parsed, expression: Expression, scope: Scope) -> Iterator[str]:
    for reference in read.references:
        if expression.reads == "event" and reference.names[0] == ITEM:
            yield "reads item but has no 'each', the path of the array whose elements are meant"
        # In backticks any name is one of the record.
        elif not (reference.quoted and expression.reads in ("event", "item")):
            mistake = scope.mistake(reference)
            if mistake is not None:
                yield mistake


def _scope(
    expression: Expression, dataset: Dataset, sources: Mapping[str, Source], broken: frozenset[str]
) -> Scope:
    if expression.reads == "columns":
        return Scope("column", None if "columns" in broken else tuple(dataset.columns))
    if expression.reads == "value":
        return Scope("column", ("value",))
    if expression.reads == "store":
        return Scope("column", None)
    leg = dataset.changes if expression.reads == "change" else dataset.events
    source = sources.get(leg.source) if leg else None
    names = tuple(sorted(roots(source))) if source is not None else ()
    if expression.reads == "change":
        fields = tuple(source.fields or ()) if source is not None else ()
        return Scope("field", fields or None, exact=True, flat=True)
    item = (ITEM,) if expression.reads == "item" else ()
    return Scope("field", (*names, *item) if names else None, exact=True)
