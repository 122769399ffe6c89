"""What a source has against its records: those from the future beyond its bound, and their keys."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs.dedupe.rejected_records import map_rejected
from jobs.ingest.judging import judged
from jobs.settings import Project
from tests.dedupe.mapping import mapped, project, records

LISTED = datetime(2026, 11, 22, 12, tzinfo=UTC)
BOUND = timedelta(hours=1)
# When a record says that it happened -> whether it is refused.
TIMES = {
    "2026-11-22T13:00:00Z": False,
    "2026-11-22T13:00:00.000001Z": True,
    "2026-11-22T14:00:00+01:00": False,
    "2026-11-22T14:00:01+01:00": True,
    "9999-12-31T23:59:59Z": True,
    "0001-01-01T00:00:00Z": False,
}


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project(Path(tmp_path_factory.mktemp("conf")))


def event(number: int, time: str | None, **data: Any) -> str:
    head = {"specversion": "1.0", "id": str(number), "source": "/shop", "type": "Paid", "time": time}
    said = {**head, "data": {"id": number, "version": 1, **data}}
    return json.dumps({key: value for key, value in said.items() if value is not None})


def arrived(spark: SparkSession, kind: str, lines: list[str]) -> DataFrame:
    return records(spark, kind, {"f": lines}).withColumn("arrived_at", F.lit(LISTED))


def reasons(frame: DataFrame, of: Project, leg: str, bound: timedelta | None) -> list[list[str]]:
    source = of.source_of(of.datasets["orders"], "events" if leg == "events" else "changes")
    bounded = source.model_copy(update={"max_ahead": bound})
    found = judged(frame, bounded).orderBy("row_number").select("reasons")
    return [row["reasons"] for row in found.collect()]


def test_an_event_from_beyond_the_bound_is_refused(spark: SparkSession, orders: Project) -> None:
    frame = arrived(
        spark, "event", [event(n, time) for n, time in enumerate(TIMES, 1)] + ["torn", event(9, None)]
    )
    *found, torn, timeless = reasons(frame, orders, "events", BOUND)
    assert [bool(each) for each in found] == list(TIMES.values())
    assert found[1] == [
        "from_the_future: it says 2026-11-22T13:00:00.000001Z, more than 1 h after it was listed (max_ahead)"
    ]
    assert (torn, timeless) == (["not JSON"], ["no time"])
    assert not any(reasons(frame, orders, "events", None)[: len(TIMES)]), "without a bound none is"


def test_a_row_of_a_log_is_judged_by_its_commit_stamp(spark: SparkSession, orders: Project) -> None:
    stamps = ("2026-11-22 13:00:00", "2026-11-22 13:00:01")
    frame = arrived(spark, "change", [f"I,{stamp},1,1,A,1,n,eu,false" for stamp in stamps])
    on_time, early = reasons(frame, orders, "changes", BOUND)
    assert on_time == [] and early[0].startswith("from_the_future: it says 2026-11-22T13:00:01")


def test_the_key_of_such_a_record_is_in_doubt_at_every_instant(spark: SparkSession, orders: Project) -> None:
    dataset = orders.datasets["orders"]
    source = orders.source_of(dataset, "events").model_copy(update={"max_ahead": BOUND})
    frame = arrived(spark, "event", [event(1, "2031-01-01T00:00:00Z"), event(2, "soon")])
    refused = judged(frame, source).select(*frame.columns, "reasons")
    known = refused.withColumns({"generation": F.lit(1), "in_force": F.lit(True)})
    rows = map_rejected(dataset, source, "events", known, (), known).collect()
    found = {row["key"]: (row["occurred_at"], row["position"] is None) for row in rows}
    assert found == {'{"order_id":"1"}': (None, False), '{"order_id":"2"}': (None, False)}


def test_what_is_stored_is_refused_again_by_when_it_arrived(spark: SparkSession, orders: Project) -> None:
    frame = arrived(spark, "event", [event(1, "2026-11-22T14:00:00Z")])
    later = frame.withColumn("arrived_at", F.lit(LISTED + timedelta(hours=2)))
    assert [bool(*reasons(each, orders, "events", BOUND)) for each in (frame, later)] == [True, False]


def test_a_bound_changes_nothing_of_what_is_mapped(spark: SparkSession, orders: Project) -> None:
    made = mapped(spark, orders, "events", {"f": [event(1, "2031-01-01T00:00:00Z")]})
    assert made.counts().made == 1
