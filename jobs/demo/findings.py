"""Findings: the lake after a run -> the keys it lists, the records it rejected, its conflicts."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pyspark.sql import Row, SparkSession

from jobs.demo.entity import Entity
from jobs.demo.expected import Verdict, discrepant
from jobs.demo.life import Key
from jobs.demo.verdicts import Findings
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.storage.objects import spark_uri

_OUTCOMES = {"open": "discrepant", "unjudged": "unjudged", "pending": "pending"}


def findings(spark: SparkSession, lake: str, entity: Entity, classes: Mapping[str, int]) -> Findings:
    """What the run left in the tables of a dataset; `classes` are the run's own counts."""
    places = Lake(lake)
    rejects = Counter(
        {
            source: len(_rows(spark, places.source(source, tables.REJECTS), ["row_number"]))
            for source in entity.sources
        }
    )
    mapped = _rows(spark, places.dataset(entity.name, tables.REJECTS), ["leg"])
    rejects.update(str(row["leg"]) for row in mapped)
    return Findings(_keys(spark, places, entity), classes, rejects, _conflicts(spark, places, entity))


def _keys(spark: SparkSession, places: Lake, entity: Entity) -> dict[Key, Verdict]:
    columns = [*entity.key, "status", "kind", "fault", "reason", "mismatched_columns", "suspect"]
    listed = _rows(spark, places.dataset(entity.name, tables.DISCREPANCIES), columns)
    return {entity.key_of(row.asDict()): _verdict(row) for row in listed if row["status"] in _OUTCOMES}


def _verdict(row: Row) -> Verdict:
    outcome = _OUTCOMES[row["status"]]
    if outcome != "discrepant":
        return Verdict(outcome, reason=row["reason"])
    columns = sorted(row["mismatched_columns"] or []) if row["kind"] == "mismatch" else []
    return discrepant(row["kind"], row["fault"], *columns, suspect=bool(row["suspect"]))


def _conflicts(spark: SparkSession, places: Lake, entity: Entity) -> Counter[tuple[str, Key]]:
    rows = _rows(spark, places.dataset(entity.name, tables.CONFLICTS), ["kind", "keys"])
    return Counter((row["kind"], entity.key_of(key.asDict())) for row in rows for key in row["keys"])


def _rows(spark: SparkSession, path: str, columns: Iterable[str]) -> list[Row]:
    from delta.tables import DeltaTable

    uri = spark_uri(path)
    if not DeltaTable.isDeltaTable(spark, uri):
        return []
    return spark.read.format("delta").load(uri).selectExpr(*columns).collect()
