"""R6: where change rows stand among the loads of their log, in whatever order and run the files come."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.dedupe.leg import DIGEST, Span, span_of
from jobs.dedupe.mapping import map_records
from jobs.lake import tables
from jobs.lake.tables import EVENTS
from jobs.run.context import Run, progress_version
from jobs.run.inputs import Frozen
from jobs.settings import Project, mapping_digest
from jobs.spark.cache import Scratch
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from jobs.storage.objects import Objects
from jobs.target.snapshot import Snapshot
from tests.dedupe.mapping import mapped, project, records

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


def _later(orders: Project, late: Mapping[str, list[str]], held: DataFrame, spark: SparkSession) -> DataFrame:
    dataset = orders.datasets["orders"]
    new = records(spark, "change", dict(late))
    made = map_records(dataset, orders.source_of(dataset, "changes"), "changes", new, Scratch(), held).made
    return made.unionByName(held)


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
    held = mapped(spark, orders, "changes", {"LOAD1.csv": LOAD}).made
    assert _standing(_later(orders, {"1.csv": list(CHANGES.values())}, held, spark)) == STANDING


def test_r6_without_a_load_all_changes_stand_in_one_generation(spark: SparkSession, orders: Project) -> None:
    made = mapped(spark, orders, "changes", {"1.csv": list(CHANGES.values())}).made
    assert _standing(made) == ["after", "while it went on", "at the same instant", "before"]


def test_r6_a_load_that_comes_runs_after_the_log_places_the_log_anew(
    spark: SparkSession, orders: Project, lake: str
) -> None:
    def run(upto: int) -> Run:
        project = orders.model_copy(update={"lake": lake})
        snapshot = Snapshot(datetime(2026, 11, 23, tzinfo=UTC), "/store", "d", 1)
        frozen = Frozen("orders", "d", snapshot.as_of, {}, snapshot, {}, {"orders_changes": upto})
        return Run(project, project.datasets["orders"], frozen, Storage(spark), Objects())

    storage, first = Storage(spark), run(1)
    files = [{"batch": 1, "kind": "change"}, {"batch": 2, "kind": "change"}, {"batch": 3, "kind": "load"}]
    ingested = first.source_path("orders_changes", tables.INGESTED_FILES)
    storage.append(frame_of(spark, files, "batch bigint, kind string"), ingested, "ingest", 3)
    held, digest = (
        frame_of(spark, [], table_schema(EVENTS, first.shape)),
        mapping_digest(first.dataset, first.project),
    )
    done = progress_version(0, 1)
    storage.append(held, first.path(tables.CHANGES), "dedupe/changes", done, {DIGEST: digest})

    found = [span_of(run(upto), "changes") for upto in (1, 2, 3)]
    assert found == [Span(0, 1, 1, False), Span(0, 1, 2, False), Span(1, 0, 3, True)]
    assert [span.is_empty for span in found] == [True, False, False]
