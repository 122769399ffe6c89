"""A store whose key has four columns under odd names: what is planned for it is written, and found right."""

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import write_deltalake

from jobs import pipeline
from jobs.compensate.consumer.application import apply
from jobs.settings import load
from tests.builders.configuration import configured
from tests.builders.delta import delta_rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DATASET = """
version: 1
dataset: lines
key: [order, line, region, day]
columns: {order: bigint, line: int, region: string, day: date, status: string, note: string}
changes:
  path: ROOT/cdc/
  dialect: dms
  format: csv
  fields: [ts, seq, order, line, region, day, status, note]
  timestamp_column: ts
  order: [seq]
  load_complete: true
  select: {order: order, line: line, region: region, day: day, status: status, note: note}
target:
  format: delta
  path: ROOT/store
  as_of: {commit: true}
  select:
    order: Order No
    line: {sql: "`a.b`", write: {a.b: line}}
    region: select
    day: "it's"
    status: '100% "state"'
    note: {sql: "`x.y`", write: {x.y: note}}
reconcile: {truth: changes, grace: 0 seconds}
compensate:
  policy: [{fault: unattributed, approve: auto}]
  limits: {count: 100, percent: 100}
"""
_STORE = pa.schema(
    [("Order No", pa.int64()), ("a.b", pa.int32()), ("select", pa.string()), ("it's", pa.date32()),
     ('100% "state"', pa.string()), ("x.y", pa.string())]
)  # fmt: skip
_DAY = date(2026, 2, 28)


def row(order: int, line: int, region: str | None, state: str = "PAID", note: str | None = None) -> Any:
    """A row of the store."""
    return dict(zip(_STORE.names, (order, line, region, _DAY, state, note), strict=True))


TRUE = [row(1, 1, "n"), row(1, 2, "n", note="x"), row(1, 1, "s"), row(2, 1, None), row(2, 2, "n")]
# Changed, missing, of a null key part, and two that nobody knows.
HELD = [
    row(1, 1, "n", "NEW"),
    row(1, 2, "n"),
    row(2, 1, None, "NEW"),
    row(2, 2, "n"),
    row(9, 1, "n"),
    row(9, 1, "s"),
]


def test_what_is_planned_under_odd_names_is_written_and_found_right(
    tmp_path: Path, spark: "SparkSession"
) -> None:
    conf = configured(tmp_path, _DATASET)
    (tmp_path / "cdc").mkdir()
    with (tmp_path / "cdc/LOAD00000001.csv").open("w") as file:
        for seq, each in enumerate(TRUE):
            cells = ["NULL" if value is None else str(value) for value in each.values()]
            csv.writer(file).writerow(["I", "2026-01-01 00:00:00", seq, *cells])
    store = str(tmp_path / "store")
    write_deltalake(store, pa.Table.from_pylist(HELD, _STORE))
    project = load(str(conf))

    pipeline.run(project, "lines", spark=spark)
    assert apply(project, "lines").counts == {"applied": 6}

    assert sorted(delta_rows(store), key=str) == sorted(TRUE, key=str)
    assert pipeline.run(project, "lines", spark=spark).counts["discrepant"] == 0
