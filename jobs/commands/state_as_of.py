"""`tieout state DATASET --as-of T` -> every key as each leg had it at T, on stdout; nothing is written."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs import clock
from jobs.api import Opened
from jobs.console.format import counted, value_text, when
from jobs.console.plain import print_line
from jobs.console.screen import Screen, output
from jobs.console.streams import progress_on_stderr
from jobs.console.tables import Table
from jobs.fold import DatasetSchema
from jobs.masking.columns import Masking, masking_of
from jobs.settings import Dataset, dataset_of, load
from jobs.settings.dataset import LegName
from jobs.spark.activity import announced, described
from jobs.spark.collect import Rows, collected
from jobs.spark.columns import exact_text, object_json

LISTED = 20

States = Mapping[LegName, DataFrame]


def run(name: str, config: str, env: str | None, at: datetime, as_json: bool, quiet: bool) -> int:
    """Print the states as of an instant: how many, and the first of them; as JSON all, an object a line."""
    project = load(config, env)
    dataset, lake = dataset_of(project, name), Opened(project)
    with progress_on_stderr(quiet) as progress:
        progress("starting Spark")
        masking = masking_of(project, dataset)
        states = {leg: _printable(lake.state(name, leg, at), dataset, leg, masking) for leg in dataset.legs}
        step = f"{name}: folding as of {clock.iso(at)}"
        with announced(lake.spark, progress, step):
            rows_by_frame = {} if as_json else collected(_few(states))
    if as_json:
        with described(lake.spark, step):
            for line in _lines(states):
                print_line(line)
    else:
        _show(dataset, at, rows_by_frame, output())
    return 0


def _printable(states: DataFrame, dataset: Dataset, leg: LegName, masking: Masking) -> DataFrame:
    """States in the order of their keys, each as it is printed: `line`, a JSON object, and `_deleted`."""
    shape = DatasetSchema.of(dataset)
    line = object_json(
        F.lit(leg).alias("leg"),
        _object(shape.key, shape, masking).alias("key"),
        F.when(~F.col("_deleted"), _object(_covered(dataset, leg), shape, masking)).alias("row"),
        *map(F.col, ("_deleted", "_changed_at", "_change_id", "_unknown")),
    )
    return states.orderBy(*(f"`{c}`" for c in shape.key)).select(line.alias("line"), "_deleted")


def _covered(dataset: Dataset, leg: LegName) -> list[str]:
    """The columns that a leg covers: all but the key, or the key where there is no other."""
    return [c for c in dataset.covered(leg) if c not in dataset.key] or list(dataset.key)


def _object(names: Iterable[str], shape: DatasetSchema, masking: Masking) -> Column:
    """Named columns as an object that JSON can hold, masked columns as masks."""
    fields = [
        exact_text(masking.masked_column(c, F.col(f"`{c}`")), masking.type_of(c, shape.columns[c])).alias(c)
        for c in names
    ]
    return F.struct(*fields)


def _lines(states: States) -> Iterator[str]:
    """One object a key, leg after leg; a partition at a time, so that no number of keys is too great."""
    for frame in states.values():
        yield from (row["line"] for row in frame.select("line").toLocalIterator())


def _few(states: States) -> Mapping[str, DataFrame]:
    """What is printed of each leg: the number of its keys, and the first of them."""
    asked: dict[str, DataFrame] = {}
    for leg, frame in states.items():
        deleted = F.count_if("_deleted").alias("deleted")
        asked[f"{leg}.counts"] = frame.agg(F.count_if(~F.col("_deleted")).alias("living"), deleted)
        asked[f"{leg}.first"] = frame.limit(LISTED).select("line")
    return asked


def _show(dataset: Dataset, at: datetime, rows_by_frame: Mapping[str, Rows], screen: Screen) -> None:
    with screen.page():
        screen.say(f"{dataset.dataset} as of {when(at)} UTC", "bold")
        for leg in dataset.legs:
            [counts] = rows_by_frame[f"{leg}.counts"]
            screen.title(leg, f"{counts['living']} living, {counts['deleted']} deleted")
            # Numbers as they stand in the text.
            first = [
                json.loads(row["line"], parse_int=str, parse_float=str)
                for row in rows_by_frame[f"{leg}.first"]
            ]
            if first:
                screen.table(_table(dataset, leg, first))
            if more := counts["living"] + counts["deleted"] - len(first):
                screen.say(f"and {counted(more, 'more key')}; --json tells them all", "dim")


def _table(dataset: Dataset, leg: LegName, first: list[dict[str, Any]]) -> Table:
    covered = [c for c in _covered(dataset, leg) if c not in dataset.key]
    rows = Table(*dataset.key, *covered, "when changed", "")
    for one in first:
        values = [_value(one, c) for c in covered]
        changed = when(clock.read(one["_changed_at"]))
        lives = "deleted" if one["_deleted"] else ""
        rows.add(*(value_text(one["key"][c]) for c in dataset.key), *values, changed, lives)
    return rows


def _value(one: Mapping[str, Any], column: str) -> str:
    if one["_deleted"]:
        return ""
    return "unknown" if column in one["_unknown"] else value_text(one["row"][column])
