"""Fields: what records have and neither the mapping nor the envelope names is counted by name."""

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs import dialects
from jobs.dedupe import fields
from jobs.run.counts import UnknownFields
from jobs.settings import Project
from tests.dedupe.mapping import CONFIG, mapped, project

HEADED = CONFIG.replace("      fields: [ts, seq, id, state, amount, note, tenant, gone]\n", "")


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return project(Path(tmp_path_factory.mktemp("conf")))


def event(name: str, kind: str, data: dict[str, Any], **more: Any) -> str:
    head = {"specversion": "1.0", "id": name, "source": "/shop", "type": kind, "time": "2026-11-22T00:00:01Z"}
    return json.dumps({**head, "data": data, **more})


def test_fields_that_nothing_reads_are_counted_once_a_record(spark: SparkSession, orders: Project) -> None:
    order = {"id": 1, "version": 1, "amount": 1}
    events = [
        event("1", "Placed", {**order, "coupon": "x"}),
        event("2", "Placed", {**order, "coupon": None, "a.b": 1, "note": "n"}, tenant="eu"),
        event("3", "Merged", {"id": 1, "from": 2, "version": 1, "coupon": "x"}),  # two changes, one record
        event("4", "Shipped", {"version": 1, "lines": [{"id": 1, "sku": 7}, {"id": 2}], "carrier": "c"}),
        event("5", "Placed", {**order, "amount": "much", "coupon": "x"}),  # refused, and read all the same
        event("6", "Placed", order, traceparent="00-1", dataschema="s"),
    ]
    counts = mapped(spark, orders, "events", {"f": events}).counts()
    assert counts.unknown.named == {"data.coupon": 4, "data.`a.b`": 1, "data.carrier": 1, "tenant": 1}


def test_types_that_are_left_aside_tell_nothing(spark: SparkSession, tmp_path: Path) -> None:
    of = project(tmp_path, CONFIG.replace("      other_types: reject\n", ""))
    events = [
        event("1", "Placed", {"id": 1, "version": 1, "coupon": 1}),
        event("2", "Sent", {"id": 1, "carrier": 1}),
    ]
    assert mapped(spark, of, "events", {"f": events}).counts().unknown == UnknownFields({"data.coupon": 1})


def test_what_sql_reads_is_known_and_a_content_that_is_read_whole_has_nothing_unknown(
    orders: Project, tmp_path: Path
) -> None:
    whole = project(tmp_path, CONFIG.replace("note: data.note}\n", "note: {sql: to_json(data)}}\n", 1))
    known = {}
    for name, of in (("by name", orders), ("whole", whole)):
        dataset = of.datasets["orders"]
        source = of.source_of(dataset, "events")
        found = fields.known_fields(dataset, source, dialects.of(source), "events")
        assert found is not None
        known[name] = found.objects
    assert known["by name"]["data"] == {
        "id", "version", "amount", "note", "delta", "event", "from", "lines",
    }  # fmt: skip
    assert {"id", "source", "type", "time", "data", "traceparent"} <= known["by name"][""]
    assert set(known["whole"]) == {""}


def test_a_header_names_what_rows_have(tmp_path: Path) -> None:
    of = project(tmp_path, HEADED)
    dataset = of.datasets["orders"]
    rows = [
        {"header": "Op,ts,seq,id,state,amount,note,tenant,gone", "records": 5},
        {"header": 'Op,ts,id,seq,state,"pay,load",note,operator,gone,AR_H_OPERATION,BI_id', "records": 3},
    ]
    source = of.source_of(dataset, "changes")
    both = {"pay,load": 3, "operator": 3}
    assert fields.of_headers(dataset, source, rows).named == {**both, "BI_id": 3}
    imaged = source.model_copy(update={"before_image_prefix": "BI_"})
    assert fields.of_headers(dataset, imaged, rows).named == both


def test_rows_of_parquet_name_what_they_have(spark: SparkSession, tmp_path: Path) -> None:
    parquet = HEADED.replace("      format: csv\n", "      format: parquet\n", 1)
    of = project(tmp_path, parquet.replace("      unsaid_token: '~'\n", ""))
    row = {
        "Op": "I",
        "ts": "2026-11-22 10:00:30",
        "seq": 1,
        "id": 1,
        "state": "A",
        "amount": 1.5,
        "note": "n",
    }
    rows = [
        {**row, "tenant": "eu", "gone": False},
        {**row, "id": 2, "seq": 2, "tenant": "eu", "channel": None},
    ]
    counts = mapped(spark, of, "changes", {"1.parquet": [json.dumps(each) for each in rows]}).counts()
    assert counts.unknown.named == {"channel": 1}


def test_the_most_frequent_names_are_told_and_the_others_counted() -> None:
    found = {f"f{n}": n for n in range(fields.NAMED + 3)}
    told = fields.counted(found)
    assert next(iter(told.named)) == "f22" and told.others == 2  # f0 has no record
    assert len(told.named) == fields.NAMED


def test_a_record_with_names_without_end_is_looked_at_as_far_as_it_goes(
    spark: SparkSession, orders: Project
) -> None:
    many = {f"k{n:04}": n for n in range(2000)}
    counts = mapped(
        spark, orders, "events", {"f": [event("1", "Placed", {"id": 1, "version": 1, **many})]}
    ).counts()
    assert len(counts.unknown.named) == fields.NAMED
    assert 500 < counts.unknown.others < 2000 - fields.NAMED
    assert all(name.removeprefix("data.") in many for name in counts.unknown.named)
