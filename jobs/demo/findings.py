"""Findings: the lake after a run -> the keys it lists, the records it refused, the conflicts it saw."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pyspark.sql import Row, SparkSession

from jobs import tables
from jobs.demo.expected import Verdict, discrepant
from jobs.demo.faults import CHANGES_SOURCE, EVENTS_SOURCE
from jobs.demo.verdicts import Found
from jobs.objects import spark_uri

DATASET = "orders"
_OUTCOMES = {"open": "discrepant", "unjudged": "unjudged", "pending": "pending"}


def findings(spark: SparkSession, lake: str, classes: Mapping[str, int]) -> Found:
    """What the run left in the tables of the demo's dataset; `classes` are the run's own counts."""
    places = tables.Lake(lake)
    rejects = Counter(
        {
            source: len(_rows(spark, places.source(source, tables.REJECTS), ["row_number"]))
            for source in (EVENTS_SOURCE, CHANGES_SOURCE)
        }
    )
    mapped = _rows(spark, places.dataset(DATASET, tables.REJECTS), ["leg"])
    rejects.update(str(row["leg"]) for row in mapped)
    return Found(_keys(spark, places), classes, rejects, _conflicts(spark, places))


def _keys(spark: SparkSession, places: tables.Lake) -> dict[int, Verdict]:
    columns = ["order_id", "status", "kind", "fault", "reason", "mismatched_columns", "suspect"]
    listed = _rows(spark, places.dataset(DATASET, tables.DISCREPANCIES), columns)
    return {row["order_id"]: _verdict(row) for row in listed if row["status"] in _OUTCOMES}


def _verdict(row: Row) -> Verdict:
    outcome = _OUTCOMES[row["status"]]
    if outcome != "discrepant":
        return Verdict(outcome, reason=row["reason"])
    columns = sorted(row["mismatched_columns"] or []) if row["kind"] == "mismatch" else []
    return discrepant(row["kind"], row["fault"], *columns, suspect=bool(row["suspect"]))


def _conflicts(spark: SparkSession, places: tables.Lake) -> Counter[tuple[str, int]]:
    rows = _rows(spark, places.dataset(DATASET, tables.CONFLICTS), ["kind", "keys.order_id AS orders"])
    return Counter((row["kind"], key) for row in rows for key in row["orders"])


def _rows(spark: SparkSession, path: str, columns: Iterable[str]) -> list[Row]:
    from delta.tables import DeltaTable

    uri = spark_uri(path)
    if not DeltaTable.isDeltaTable(spark, uri):
        return []
    return spark.read.format("delta").load(uri).selectExpr(*columns).collect()
