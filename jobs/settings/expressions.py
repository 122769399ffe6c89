"""A dataset -> every piece of Spark SQL that it configures: where it stands, and what it may read."""

import typing as t
from collections.abc import Iterator, Mapping

from jobs.settings.nodes import Loc
from jobs.settings.target import Target
from jobs.settings.values import Sql, Value

if t.TYPE_CHECKING:
    from jobs.settings.dataset import Dataset
    from jobs.settings.legs import EventsLeg

# A record of the source; an element of it too; a row of the store; a row of the dataset; one `value`.
Reads = t.Literal["event", "item", "change", "store", "columns", "value"]


class Expression(t.NamedTuple):
    """A piece of Spark SQL of the settings."""

    loc: Loc
    sql: str
    reads: Reads


def expressions(dataset: "Dataset") -> Iterator[Expression]:
    """All of a dataset, in the order of its file."""
    if dataset.events is not None:
        yield from _of_events(dataset.events)
    if dataset.changes is not None:
        leg = dataset.changes
        yield from _of_store("changes", leg.select, leg.where, leg.deleted, "change")
    yield from target_expressions(dataset.target)
    if dataset.reconcile.scope is not None:
        yield Expression(("reconcile", "scope"), dataset.reconcile.scope, "columns")
    for name, rule in dataset.reconcile.compare.items():
        if rule.expression is not None:
            yield Expression(("reconcile", "compare", name, "expression"), rule.expression, "value")


def target_expressions(target: Target) -> Iterator[Expression]:
    """Those of the target alone."""
    yield from _of_store("target", target.select, target.where, target.deleted, "store")


def _of_events(leg: "EventsLeg") -> Iterator[Expression]:
    yield from _of_values(("events", "key"), leg.key, "event")
    for kind, n, entry in leg.entries:
        place: Loc = ("events", "apply", kind, n)
        reads: Reads = "event" if entry.each is None else "item"
        for part, values in (("key", entry.key or {}), ("set", entry.set), ("add", entry.add)):
            yield from _of_values((*place, part), values, reads)
        yield from _of_value((*place, "revert"), entry.revert, reads)


def _of_store(
    leg: str, select: Mapping[str, Value], where: str | None, deleted: Value | None, reads: Reads
) -> Iterator[Expression]:
    yield from _of_values((leg, "select"), select, reads)
    if where is not None:
        yield Expression((leg, "where"), where, reads)
    yield from _of_value((leg, "deleted"), deleted, reads)


def _of_values(place: Loc, values: Mapping[str, Value], reads: Reads) -> Iterator[Expression]:
    for name, value in values.items():
        yield from _of_value((*place, name), value, reads)


def _of_value(place: Loc, value: Value | None, reads: Reads) -> Iterator[Expression]:
    if isinstance(value, Sql):
        yield Expression((*place, "sql"), value.sql, reads)
        for store, sql in (value.write or {}).items():
            yield Expression((*place, "write", store), sql, "columns")
