"""Models of one configuration -> mistakes that only show when parts are held against each other."""

import typing as t
from collections.abc import Callable, Iterable, Iterator

from jobs.settings import reserved
from jobs.settings.dataset import Dataset
from jobs.settings.judging import Compare
from jobs.settings.mappings import check_changes, check_entries, check_events_key, check_target_select
from jobs.settings.model import sentence, unknown
from jobs.settings.nodes import Loc
from jobs.settings.scalars import NUMERIC, fits

Mistake = tuple[Loc, str]

_STAMPS = ("date", "timestamp", "timestamp_ntz")
_FITS: dict[str, tuple[str, ...]] = {
    "absolute": NUMERIC,
    "relative": NUMERIC,
    "seconds": _STAMPS,
    "trim": ("string",),
    "ignore_case": ("string",),
    "precision": (*NUMERIC, "timestamp", "timestamp_ntz"),
}


class Around(t.NamedTuple):
    """What a dataset may refer to; `without_table`: channels over a connection that name no table."""

    channels: list[str]
    without_table: list[str]
    connections: list[str]
    broken: frozenset[str]


def dataset_mistakes(dataset: Dataset, around: Around) -> Iterator[Mistake]:
    """Every mistake of the dataset; checks that need a broken part are left out."""
    for needs, check in _CHECKS:
        if not around.broken & set(needs):
            yield from check(dataset, around)


def _name(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    if dataset.dataset == "sources":
        yield ("dataset",), "must not be 'sources': that is where the lake keeps the sources' own tables"


def _columns(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    seen: dict[str, str] = {}
    for name in dataset.columns:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            yield ("columns", name), f"differs from {other} in case only, which Spark does not tell apart"
        elif name.lower() in reserved.COLUMNS:
            yield ("columns", name), "is a name of Tieout's own; name the column otherwise"


def _history(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    for name in dataset.columns:
        if dataset.history and name.lower() in reserved.HISTORY:
            yield ("columns", name), "is a name of the tables that history: true makes; name it otherwise"


def _defaults(dataset: Dataset, around: Around) -> Iterator[Mistake]:
    for name, spec in dataset.columns.items():
        if f"columns.{name}" not in around.broken and not fits(spec.default, spec.type):
            yield ("columns", name, "default"), sentence(f"does not fit the type {spec.type}", spec.default)


def _key(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    for n, name in enumerate(dataset.key):
        if name not in dataset.columns:
            yield ("key", n), unknown("column", name, dataset.columns)
        elif name in dataset.key[:n]:
            yield ("key", n), f"names {name} twice"
        elif name.lower() in reserved.KEYS - reserved.COLUMNS:
            text = (
                f"must not be '{name}', a column of Tieout's own tables; name it otherwise, as in my_{name}"
            )
            yield ("key", n), text


def _legs(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    if not dataset.legs:
        yield (), "must have events, changes or both: there is nothing to hold the target against"
    elif dataset.reconcile.truth not in dataset.legs:
        yield (
            ("reconcile", "truth"),
            sentence("is a leg that the dataset lacks", dataset.reconcile.truth, dataset.legs),
        )


def _target_shape(dataset: Dataset, around: Around) -> Iterator[Mistake]:
    target = dataset.target
    needed = ("connection", "table") if target.format == "jdbc" else ("path",)
    for name in ("path", "connection", "table"):
        is_set = getattr(target, name) is not None
        if name in needed and not is_set:
            yield ("target", name), f"is required for format {target.format}"
        elif is_set and name not in needed:
            yield ("target", name), f"has no meaning for format {target.format}"
    if target.connection is not None and target.connection not in around.connections:
        yield ("target", "connection"), unknown("connection", target.connection, around.connections)


def _target_csv(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    target = dataset.target
    for name in ("fields", "null_token", "delimiter", "timezone"):
        if target.format != "csv" and name in target.model_fields_set:
            yield ("target", name), f"has no meaning for format {target.format}"
    seen: dict[str, str] = {}
    for n, name in enumerate(target.fields or []):
        other = seen.setdefault(name.lower(), name)
        if other != name:
            yield (
                ("target", "fields", n),
                f"differs from {other} in case only, which Spark does not tell apart",
            )
        elif name in (target.fields or [])[:n]:
            yield ("target", "fields", n), f"names {name} twice"


def _target_as_of(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    target, as_of = dataset.target, dataset.target.as_of
    if as_of is None:
        if target.format != "jdbc":
            yield (
                ("target",),
                "must have as_of, which instant the rows speak of: at, column, path or (Delta) commit",
            )
        return
    formats = {"commit": ["delta"], "clock": ["jdbc"], "path": ["parquet", "delta", "csv"]}.get(as_of.way)
    if formats and target.format not in formats:
        yield ("target", "as_of", as_of.way), f"is for format {' or '.join(formats)}, got '{target.format}'"
    elif target.format == "jdbc" and as_of.way != "clock":
        yield (
            ("target", "as_of", as_of.way),
            "has no meaning for format jdbc: a database is read as it is now",
        )
    if as_of.path is not None and "%" not in as_of.path:
        yield ("target", "as_of", "path"), sentence("holds no part of a date such as dt=%Y-%m-%d", as_of.path)


def _compare(dataset: Dataset, around: Around) -> Iterator[Mistake]:
    for name, rule in dataset.reconcile.compare.items():
        place: Loc = ("reconcile", "compare", name)
        if name not in dataset.columns:
            yield place, unknown("column", name, dataset.columns)
            continue
        # By identity: a precision of 0 is given, though it equals False.
        given = [
            field
            for field in type(rule).model_fields
            if not any(getattr(rule, field) is unset for unset in (None, False))
        ]
        if "ignore" in given and name in dataset.key:
            yield (*place, "ignore"), "is of a key column, which is always compared"
        if ("ignore" in given or "expression" in given) and len(given) > 1:
            yield place, f"says {' and '.join(given)}: 'ignore' and 'expression' stand alone"
        if f"columns.{name}" not in around.broken:
            yield from _unfit(place, given, rule, dataset.columns[name].type)


def _unfit(place: Loc, given: Iterable[str], rule: Compare, column_type: str) -> Iterator[Mistake]:
    kind = column_type.split("(")[0]
    for field in given:
        fits = _FITS.get(field)
        if fits and kind not in fits:
            yield (*place, field), sentence("does not fit the column's type", column_type, fits)
        elif field == "precision" and (kind in NUMERIC) != isinstance(rule.precision, int):
            wanted = "a number of digits" if kind in NUMERIC else "a unit such as second"
            yield (
                (*place, field),
                sentence(f"must be {wanted} for a column of type {column_type}", rule.precision),
            )


def _mask(dataset: Dataset, _: Around) -> Iterator[Mistake]:
    for n, name in enumerate(dataset.mask.columns if dataset.mask else []):
        if name not in dataset.columns:
            yield ("mask", "columns", n), unknown("column", name, dataset.columns)


def _channel(dataset: Dataset, around: Around) -> Iterator[Mistake]:
    channel = dataset.compensate.channel if dataset.compensate else None
    if channel is not None and channel not in around.channels:
        yield ("compensate", "channel"), unknown("channel", channel, around.channels)
    elif channel in around.without_table and dataset.target.format != "jdbc":
        text = "leads to a connection and no table, nor does the target; write {connection: …, table: …}"
        yield ("compensate", "channel"), sentence(text, channel)


_Check = Callable[[Dataset, Around], Iterator[Mistake]]
_CHECKS: list[tuple[tuple[str, ...], _Check]] = [
    (("dataset",), _name),
    (("columns",), _columns),
    (("columns", "history"), _history),
    (("columns",), _defaults),
    (("key", "columns"), _key),
    (("events", "changes", "reconcile"), _legs),
    (("target",), _target_shape),
    (("target",), _target_csv),
    (("target",), _target_as_of),
    (("key", "columns", "reconcile"), _compare),
    (("columns", "mask"), _mask),
    (("compensate", "target"), _channel),
    (("key", "events"), lambda dataset, _: check_events_key(dataset)),
    (("key", "columns", "events"), lambda dataset, around: check_entries(dataset, around.broken)),
    (("key", "columns", "changes"), lambda dataset, _: check_changes(dataset)),
    (("key", "columns", "target"), lambda dataset, _: check_target_select(dataset)),
]
