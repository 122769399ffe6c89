"""R6: where change rows stand among the loads of their log, in whatever order and run the files come."""

from collections.abc import Mapping
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.dedupe.inputs import span_of
from jobs.dedupe.mapping import Mapped, map_records
from jobs.dedupe.span import DIGEST, Span
from jobs.lake import tables
from jobs.lake.tables import EVENTS
from jobs.run.context import RunContext, progress_version
from jobs.settings import Project, mapping_digest
from jobs.spark.cache import CacheScope
from jobs.spark.generations import PROPERTY, PlacedBy
from jobs.spark.rows import frame_of
from jobs.spark.schemas import source_schema, table_schema
from tests.builders.contexts import run_of
from tests.dedupe.mapping import mapped, project, records
from tests.fold.changes import at

DAY = "2026-11-22 10:00:"
ROW = "PLACED,10.00,n,eu,false"


def _change(stamp: str, seq: int) -> str:
    return f"U,{DAY}{stamp},{seq},1,{ROW}"


# The load is a row of 10.000000 and one of 12; the order of the log is not that of the commits.
LOAD = [f"{DAY}10.000000,0,1,{ROW}", f"{DAY}12.000000,0,2,{ROW}"]
CHANGES = {
    "before": _change("09.999999", 40),
    "at the same instant": _change("10.000000", 30),
    "while it went on": _change("11.000000", 20),
    "after": _change("13.000000", 10),
}
# Generation 0, the load, then generation 1 by its own order.
STANDING = ["before", "load", "after", "while it went on", "at the same instant"]


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project(tmp_path_factory.mktemp("conf"))


def _standing(frame: DataFrame) -> list[str]:
    """What stands where of key 1, and that every place is its own."""
    rows = frame.where("order_id = 1").select("position", "record", "kind").collect()
    names = {record: name for name, record in CHANGES.items()}
    placed = {row["position"]: names.get(row["record"], row["kind"]) for row in rows}
    assert len(placed) == len(rows)
    return [placed[position] for position in sorted(placed)]


def _later(orders: Project, late: Mapping[str, list[str]], held: Mapped, spark: SparkSession) -> DataFrame:
    dataset = orders.datasets["orders"]
    source, new = orders.source_of(dataset, "changes"), records(spark, "change", dict(late))
    made = map_records(dataset, source, "changes", new, CacheScope(), held.loads).made
    return made.unionByName(held.made)


@pytest.mark.parametrize("files", [("1.csv", "LOAD1.csv"), ("z.csv", "LOAD1.csv")], ids=["first", "last"])
def test_r6_a_change_belongs_to_the_last_load_begun_at_or_before_its_commit(
    spark: SparkSession, orders: Project, files: tuple[str, str]
) -> None:
    changes, load = files
    made = mapped(spark, orders, "changes", {changes: list(CHANGES.values()), load: LOAD}).made
    assert _standing(made) == STANDING


def test_r6_a_change_that_comes_runs_after_the_load_stands_where_it_would_have(
    spark: SparkSession, orders: Project
) -> None:
    held = mapped(spark, orders, "changes", {"LOAD1.csv": LOAD})
    assert _standing(_later(orders, {"1.csv": list(CHANGES.values())}, held, spark)) == STANDING


def test_r6_without_a_load_all_changes_stand_in_one_generation(spark: SparkSession, orders: Project) -> None:
    made = mapped(spark, orders, "changes", {"1.csv": list(CHANGES.values())}).made
    assert _standing(made) == ["after", "while it went on", "at the same instant", "before"]


# A log, its first load, the same again; a reload, the log that completes it, and then more of the reload.
FILES: list[dict[str, Any]] = [
    {"path": "x", "kind": "change", "at": 10},
    {"path": "y", "kind": "change", "at": 20},
    {"path": "LOAD1", "kind": "load", "digest": "1", "at": 15},
    {"path": "LOAD1", "kind": "load", "digest": "1", "at": 30},
    {"path": "LOAD1", "kind": "load", "digest": "2", "at": 40, "generation": 2},
    {"path": "z", "kind": "change", "at": 40},
    {"path": "LOAD2", "kind": "load", "digest": "1", "at": 50, "generation": 2},
]
READ = {"generation": 1, "status": "ingested"}
# Batch of the file -> whether the rows that there are have to be placed anew.
REBUILT = {1: False, 2: False, 3: True, 4: False, 5: False, 6: True, 7: True}


def _run(orders: Project, lake: str, spark: SparkSession, upto: int) -> RunContext:
    project = orders.model_copy(update={"lake": lake})
    return run_of(spark, project, batches={"orders_changes": upto})


def _ingested(context: RunContext) -> None:
    rows = [
        {**READ, **file, "batch": n, "etag": str(n), "modified_at": at(file["at"])}
        for n, file in enumerate(FILES, 1)
    ]
    path = context.source_path("orders_changes", tables.INGESTED_FILES)
    context.storage.append(
        frame_of(context.spark, rows, source_schema(tables.INGESTED_FILES)), path, "ingest", len(rows)
    )


def test_r6_a_log_is_placed_anew_where_other_loads_are_in_force(
    spark: SparkSession, orders: Project, lake: str
) -> None:
    run = _run(orders, lake, spark, 1)
    _ingested(run)
    told, path = {}, run.path(tables.CHANGES)
    nothing = frame_of(spark, [], table_schema(EVENTS, run.shape))
    digest = {DIGEST: mapping_digest(run.dataset, run.project)}
    for upto in REBUILT:
        span = span_of(_run(orders, lake, spark, upto), "changes")
        told[upto] = span.rebuild
        placed = {PROPERTY: PlacedBy(span.files, {1: at(0)}, span.version).to_text()}
        run.storage.overwrite(nothing, path, "dedupe/changes", span.version, {**digest, **placed})
    assert told == REBUILT
    last = _run(orders, lake, spark, 7)
    assert span_of(last, "changes") == Span(3, 7, 7, False)
    assert span_of(last, "changes").is_empty


def test_a_rebuild_that_was_interrupted_is_begun_again(
    spark: SparkSession, orders: Project, lake: str
) -> None:
    run = _run(orders, lake, spark, 3)
    _ingested(run)
    path, nothing = run.path(tables.CHANGES), frame_of(spark, [], table_schema(EVENTS, run.shape))
    digest = {DIGEST: mapping_digest(run.dataset, run.project)}
    run.storage.append(nothing, path, "dedupe/changes", progress_version(0, 2), digest)
    rebuild = span_of(run, "changes")
    assert rebuild == Span(1, 0, 3, True)
    # Of a rebuild the properties are committed before the rows.
    placed = PlacedBy(rebuild.files, {1: at(0)}, rebuild.version).to_text()
    run.storage.set_properties(path, {PROPERTY: placed})
    assert span_of(run, "changes") == rebuild
    run.storage.overwrite(nothing, path, "dedupe/changes", rebuild.version)
    assert span_of(run, "changes") == Span(1, 3, 3, False)
