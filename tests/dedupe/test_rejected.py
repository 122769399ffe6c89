"""R2, R7: rejected records, of the source or of the mapping -> the keys that they name, and from where on."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe.generations import Load, generation_of, in_latest_generation
from jobs.dedupe.rejected_records import map_rejected
from jobs.settings import Project
from jobs.spark.rows import frame_of
from tests.dedupe.mapping import mapped, project, records

TIME = "2026-11-22T00:00:01Z"
# Data, type and time of an event that the source rejects (None: it has none) -> the orders that it names.
EVENTS: dict[str, tuple[dict[str, Any], str | None, str | None, set[int]]] = {
    "no time": ({"id": 1, "version": 2}, "Paid", None, {1}),
    "no such time": ({"id": 2, "version": 2}, "Paid", "2026-02-30T00:00:00Z", {2}),
    "no order either": ({"id": 3}, "Paid", None, {3}),
    "of two orders": ({"id": 4, "from": 5, "version": 2}, "Merged", None, {4, 5}),
    "of many orders": ({"version": 2, "lines": [{"id": 6}, {"id": "x"}, {"id": 7}]}, "Shipped", None, {6, 7}),
    "no type: it may have meant any": (
        {"id": 8, "from": 9, "version": 2, "lines": [{"id": 10}]}, None, TIME, {8, 9, 10},
    ),
    "a type that is rejected": ({"id": 11, "version": 2}, "Sent", None, {11}),
    "no key": ({"version": 2}, "Paid", None, set()),
    "a key that is null": ({"id": None, "version": 2}, "Paid", None, set()),
    "a key that does not fit": ({"id": "x", "version": 2}, "Paid", None, set()),
}  # fmt: skip
DAY = "2026-11-22 10:00:"
# Row of a log that the source rejects -> the order that it names, and whether it only says that it left.
ROWS: dict[str, tuple[str, tuple[int, bool] | None]] = {
    "unknown Op": (f"X,{DAY}30,1,1,PAID,1.00,n,eu,false", (1, False)),
    "no stamp": ("U,NULL,2,2,PAID,1.00,n,eu,false", (2, False)),
    "no such stamp": ("D,2026-11-22 25:00:00,3,3,PAID,1.00,n,eu,false", (3, False)),
    "another tenant's": ("U,never,4,4,PAID,1.00,n,us,false", (4, True)),
    "the tenant is not said": ("U,never,5,5,PAID,1.00,n,~,false", (5, False)),
    "softly deleted": ("U,never,6,6,PAID,1.00,n,eu,true", (6, False)),
    "no order either": ("U,never,NULL,7,PAID,1.00,n,eu,false", (7, False)),
    "a field too few": (f"U,{DAY}30,8,8,PAID,1.00,n,eu", None),
    "a field too many": (f"U,{DAY}30,9,9,PAID,1.00,n,eu,false,", None),
    "a key that is null": ("U,never,10,NULL,PAID,1.00,n,eu,false", None),
    "a key that does not fit": ("U,never,11,x,PAID,1.00,n,eu,false", None),
}
PLACELESS = "no order either"


def event(name: str, data: dict[str, Any], type_: str | None, time: str | None) -> str:
    said = {"specversion": "1.0", "id": name, "source": "/shop", "type": type_, "time": time, "data": data}
    return json.dumps({key: value for key, value in said.items() if value is not None})


def keys(spark: SparkSession, of: Project, leg: str, lines: list[str]) -> list[Row]:
    """What records name that the source of a leg rejects, all of them."""
    dataset = of.datasets["orders"]
    source = of.source_of(dataset, "events" if leg == "events" else "changes")
    new = records(spark, "event" if leg == "events" else "change", {"f1": lines})
    told = dialects.of(source).judged(new).select(*new.columns, "reasons")
    rejected = told.where(F.size("reasons") > 0)
    assert rejected.count() == len(lines), "the source rejects every one"
    known = rejected.withColumns({"generation": F.lit(1), "in_force": F.lit(True)})
    return map_rejected(dataset, source, leg, known, (), files(spark, known)).collect()


def files(spark: SparkSession, new: DataFrame) -> DataFrame:
    """The files of the records, as the source lists them."""
    about = ["kind", "modified_at", "generation", "in_force"]
    return new.select(F.col("file").alias("path"), *about).distinct()


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project(tmp_path_factory.mktemp("conf"))


def id_of(row: Row) -> int:
    return int(json.loads(row["key"])["order_id"])


def test_an_event_that_the_source_rejects_names_every_key_of_its_entries(
    spark: SparkSession, orders: Project
) -> None:
    lines = [event(name, *said) for name, (*said, _) in EVENTS.items()]  # type: ignore[arg-type]
    cut_off = lines[0][:-2]
    rows = keys(spark, orders, "events", [*lines, cut_off, "[1]"])
    names = dict(enumerate(EVENTS, 1))
    found: dict[str, set[int]] = {name: set() for name in EVENTS}
    for row in rows:
        found[names[row["row_number"]]].add(id_of(row))
    assert found == {name: named for name, (*_, named) in EVENTS.items()}
    assert {names[row["row_number"]] for row in rows if row["position"] is None} == {PLACELESS}
    reasons = {names[row["row_number"]]: row["reasons"] for row in rows}
    assert reasons["no time"] == ["no time"] and reasons["no type: it may have meant any"] == ["no type"]
    assert all(row["identity"] and not row["leaves"] for row in rows)


def test_events_of_a_type_that_is_ignored_concern_no_key(spark: SparkSession, orders: Project) -> None:
    dataset = orders.datasets["orders"]
    assert dataset.events is not None
    leg = dataset.events.model_copy(update={"other_types": "ignore"})
    ignoring = orders.model_copy(update={"datasets": {"orders": dataset.model_copy(update={"events": leg})}})
    lines = [
        event("a", {"id": 1, "version": 1}, "Sent", None),
        event("b", {"id": 2, "version": 1}, "Paid", None),
    ]
    assert {id_of(row) for row in keys(spark, ignoring, "events", lines)} == {2}


def test_an_event_without_an_id_is_the_same_as_no_other(spark: SparkSession, orders: Project) -> None:
    line = json.dumps({"source": "/shop", "type": "Paid", "time": TIME, "data": {"id": 1, "version": 1}})
    (row,) = keys(spark, orders, "events", [line])
    assert (id_of(row), row["identity"], row["position"] is None) == (1, None, False)


def test_a_row_that_the_source_rejects_names_its_key(spark: SparkSession, orders: Project) -> None:
    rows = keys(spark, orders, "changes", [line for line, _ in ROWS.values()])
    names = dict(enumerate(ROWS, 1))
    found = {names[row["row_number"]]: (id_of(row), row["leaves"]) for row in rows}
    assert found == {name: named for name, (_, named) in ROWS.items() if named is not None}
    assert {names[row["row_number"]] for row in rows if row["position"] is None} == {PLACELESS}


def test_a_record_that_the_mapping_rejects_names_every_key_that_it_can(
    spark: SparkSession, orders: Project
) -> None:
    data: dict[str, tuple[dict[str, Any], str]] = {
        "one of two keys does not fit": ({"id": 1, "from": "x", "version": 1}, "Merged"),
        "one of many does not fit": ({"version": 1, "lines": [{"id": 2}, {"id": 3}, {}]}, "Shipped"),
        "a misfit": ({"id": 4, "version": 1, "amount": "ten"}, "Placed"),
        "a type that is rejected": ({"id": 5, "from": 6, "version": 1}, "Sent"),
        "no order": ({"id": 7}, "Paid"),
        "an order beyond": ({"id": 8, "version": "1e5000"}, "Paid"),
        "nothing wrong": ({"id": 9, "version": 1}, "Paid"),
    }
    lines = [event(name, said, type_, TIME) for name, (said, type_) in data.items()]
    rows = mapped(spark, orders, "events", {"f1": lines}).rejected_keys().collect()
    assert sorted(id_of(row) for row in rows) == [1, 2, 3, 4, 5, 6, 7, 8]
    reasons = {id_of(row): row["reasons"] for row in rows}
    assert reasons[1] == ["order_id: x is no bigint"] and reasons[2] == reasons[3] == ["no order_id (key)"]
    assert reasons[5] == reasons[6] == ["type Sent is not named in apply"]
    assert reasons[8] == ["data.version: 1e5000 is beyond what can be ordered"]
    assert {id_of(row) for row in rows if row["position"] is None} == {7, 8}


def test_r6_a_row_that_cannot_be_placed_in_time_is_of_the_last_load_that_it_can_be_of(
    spark: SparkSession,
) -> None:
    day = datetime(2026, 11, 22, tzinfo=UTC)
    loads = [(1, 10, True), (1, 11, True), (2, 12, True), (2, 15, True), (3, 13, False)]
    known = [
        {"kind": "load", "generation": n, "modified_at": day.replace(hour=hour), "in_force": in_force}
        for n, hour, in_force in loads
    ]
    schema = "kind string, generation int, modified_at timestamp, in_force boolean, occurred_at timestamp"
    written = {9: 1, 10: 1, 11: 1, 12: 2, 14: 2}
    rows = [{"kind": "change", "generation": 1, "modified_at": day.replace(hour=hour)} for hour in written]
    rows.append({"kind": "load", "generation": 1, "modified_at": day.replace(hour=14)})
    placed = in_latest_generation(frame_of(spark, rows, schema), frame_of(spark, known, schema))
    begun = (Load(1, day), Load(2, day))
    told = placed.select(
        "kind", F.hour("modified_at").alias("hour"), generation_of(begun).alias("generation")
    )
    found = {(row["kind"], row["hour"]): row["generation"] for row in told.collect()}
    assert found == {**{("change", hour): n for hour, n in written.items()}, ("load", 14): 1}
