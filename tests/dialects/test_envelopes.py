"""Enveloped events: what is read of the envelope, and why an event cannot be read."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.errors import ConfigError

from .conftest import source_of

# Fields of a record's own that the tests look at.
NAMES = ("id", "source", "type", "time", "specversion", "n", "big", "e", "z", "t", "b", "o")
WHOLE = {
    "id": "e1",
    "source": "/shop",
    "type": "Placed",
    "time": "2026-01-01T00:00:00Z",
    "specversion": "1.0",
}


def _event(**changed: Any) -> str:
    said = {**WHOLE, **changed}
    return json.dumps({name: value for name, value in said.items() if value is not ...})


CASES: dict[str, tuple[str, list[str]]] = {
    "whole": (_event(), []),
    "specversion_is_not_asked_for": (_event(specversion=...), []),
    "id_is_a_number": (_event(id=17), []),
    "no_id": (_event(id=...), ["no id"]),
    "null_id": (_event(id=None), ["no id"]),
    "empty_id": (_event(id=" "), ["no id"]),
    "no_source": (_event(source=...), ["no source"]),
    "no_type": (_event(type=...), ["no type"]),
    "no_time": (_event(time=...), ["no time"]),
    "year_is_no_time": (_event(time="2026"), ["time is no timestamp: 2026"]),
    "nothing": ("{}", ["no id", "no source", "no type", "no time"]),
    "torn": (_event()[:-9], ["not JSON"]),
    "words": ("oops", ["not JSON"]),
    "not_a_number": ('{"a":NaN}', ["not JSON"]),
    "single_quotes": ("{'a':1}", ["not JSON"]),
    "nul_bytes": ("\x00\x00", ["not JSON"]),
    "raw_tab_in_text": ('{"a":"x\ty"}', ["not JSON"]),
    "bad_exponent": ('{"a":1e3e}', ["not JSON"]),
    "array_root": (f"[{_event()}]", ["not a JSON object"]),
    "text_root": ('"x"', ["not a JSON object"]),
    "null_root": ("null", ["not a JSON object"]),
    "commas_between": (f"{_event()},{_event()}", ["more than one JSON value"]),
    "closed_twice": (_event() + "}", ["more than one JSON value"]),
    "two_arrays": ("[1][2]", ["more than one JSON value"]),
    "closes_a_list_around_it": (_event() + '] {"b":2}', ["more than one JSON value"]),
    "closes_an_object_around_it": (_event() + '} {"b":2}', ["more than one JSON value"]),
    "closes_both_around_it": (_event() + '}] [{"b":2}', ["more than one JSON value"]),
    "another_behind_the_end_mark": (_event() + ',"\ufdd1"] {"b":2}', ["more than one JSON value"]),
    "the_end_mark_in_a_text": (_event(subject="\ufdd1"), []),
    "key_twice": (_event()[:-1] + ',"id":"e2"}', ["duplicate key in the object"]),
    "key_twice_below": (_event()[:-1] + ',"data":{"a":1,"a":1}}', ["duplicate key in the object"]),
}


def _parsed(spark: SparkSession, dialect: dialects.Dialect, records: Mapping[str, str]) -> dict[str, Row]:
    rows = [(name, "e", at, record) for at, (name, record) in enumerate(records.items())]
    frame = spark.createDataFrame(
        rows, "file string, etag string, row_number bigint, record string"
    ).coalesce(1)
    read = dialect.opened(dialect.parsed(dialect.judged(frame)), NAMES)
    leaves = {name: dialect.lookup(name) for name in NAMES}
    said = [F.when(leaf.is_stated, F.struct(F.lit(name), leaf.text)) for name, leaf in leaves.items()]
    body = F.map_from_entries(F.array_compact(F.array(*said)))
    return {row["file"]: row for row in dialect.with_content(read.withColumn("body", body)).collect()}


@pytest.fixture(scope="module")
def parsed(spark: SparkSession) -> dict[str, Row]:
    cloudevents = dialects.of(source_of("cloudevents"))
    return _parsed(spark, cloudevents, {name: record for name, (record, _) in CASES.items()})


@pytest.mark.parametrize("case", CASES)
def test_an_event_is_refused_with_all_reasons(case: str, parsed: dict[str, Row]) -> None:
    assert parsed[case]["reasons"] == CASES[case][1]


def test_the_envelope_is_read(parsed: dict[str, Row]) -> None:
    row = parsed["whole"]
    assert (row["event_id"], row["origin"], row["type"], row["kind"]) == ("e1", "/shop", "Placed", "event")
    assert row["occurred_at"].astimezone(UTC) == datetime(2026, 1, 1, tzinfo=UTC)
    assert row["body"] == WHOLE
    assert row["cdc_op"] is None
    assert parsed["id_is_a_number"]["event_id"] == "17"


def test_exact_texts_nulls_and_absence_are_told_apart(spark: SparkSession) -> None:
    record = '{"n":1.10,"big":12345678901234567890.12,"e":1E3,"z":null,"t":"1.10","b":true,"o":{"x":[1.50]}}'
    body = _parsed(spark, dialects.of(source_of("cloudevents")), {"f": record})["f"]["body"]
    assert body is not None
    assert body == {
        "n": "1.10", "big": "12345678901234567890.12", "e": "1E3", "z": None, "t": "1.10", "b": "true",
        "o": '{"x":[1.50]}',
    }  # fmt: skip


SENT = {"id": "1", "kind": "K", "at": "2026-01-01T00:00:00Z", "payload": {"n": 1}}
BRIDGED = {
    "id": "1", "detail-type": "K", "source": "shop", "time": "2026-01-01T00:00:00Z", "detail": {"n": 1}
}  # fmt: skip
OWN = {"id": "id", "type": "kind", "time": "at"}
# Dialect, its settings, a record, what another delivery has in its place, whether it says the same.
DELIVERIES: dict[str, tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], bool]] = {
    "data_by_value": ("cloudevents", {}, WHOLE | {"data": {"n": 1}}, {"data": {"n": 1.0}}, True),
    "an_extension": ("cloudevents", {}, WHOLE | {"data": 1}, {"sentby": "b", "subject": "s"}, True),
    "a_time_in_another_zone": (
        "cloudevents", {}, WHOLE | {"data": 1}, {"time": "2026-01-01T01:00:00.0+01:00"}, True
    ),
    "other_data": ("cloudevents", {}, WHOLE | {"data": {"n": 1}}, {"data": {"n": 2}}, False),
    "null_data": ("cloudevents", {}, WHOLE | {"data": {"n": 1}}, {"data": None}, False),
    "no_data": ("cloudevents", {}, WHOLE | {"data": {"n": 1}}, {"data": ...}, False),
    "other_binary_data": ("cloudevents", {}, WHOLE | {"data_base64": "YQ=="}, {"data_base64": "Yg=="}, False),
    "another_type": ("cloudevents", {}, WHOLE | {"data": 1}, {"type": "Paid"}, False),
    "another_time": ("cloudevents", {}, WHOLE | {"data": 1}, {"time": "2026-01-01T00:00:01Z"}, False),
    "without_data_traced": ("cloudevents", {}, WHOLE, {"traceparent": "t"}, True),
    "without_data_another_subject": ("cloudevents", {}, WHOLE, {"subject": "17"}, False),
    "replayed": ("eventbridge", {}, BRIDGED, {"replay-name": "again"}, True),
    "another_account": ("eventbridge", {}, BRIDGED, {"account": "1", "resources": ["r"]}, True),
    "another_detail": ("eventbridge", {}, BRIDGED, {"detail": {"n": 2}}, False),
    "another_detail_type": ("eventbridge", {}, BRIDGED, {"detail-type": "L"}, False),
    "beside_own_data": ("envelope", OWN | {"data": "payload"}, SENT, {"UnsubscribeURL": "b"}, True),
    "own_data": ("envelope", OWN | {"data": "payload"}, SENT, {"payload": {"n": 2}}, False),
    "a_whole_record": ("envelope", OWN, SENT, {"sent": {"to": "b"}}, False),
    "a_record_with_transport": (
        "envelope", OWN | {"transport": ["sent.to"]}, SENT | {"sent": {"to": 1}}, {"sent": {"to": 2}}, True
    ),
    "content_beside_transport": ("envelope", OWN | {"transport": ["sent"]}, SENT, {"payload": 2}, False),
    "a_type_is_content": ("envelope", OWN | {"transport": ["kind", "at"]}, SENT, {"kind": "L"}, False),
    "a_time_is_content": (
        "envelope", OWN | {"transport": ["kind", "at"]}, SENT, {"at": "2026-01-02T00:00:00Z"}, False
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def said_the_same(spark: SparkSession) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for dialect, settings in {repr(case[:2]): case[:2] for case in DELIVERIES.values()}.values():
        ours = {name: case for name, case in DELIVERIES.items() if case[:2] == (dialect, settings)}
        records: dict[str, str] = {}
        for name, (_, _, one, changed, _) in ours.items():
            other = {key: value for key, value in (one | changed).items() if value is not ...}
            records |= {f"{name} 1": json.dumps(one), f"{name} 2": json.dumps(other)}
        rows = _parsed(spark, dialects.of(source_of(dialect, **settings)), records)
        assert [row["file"] for row in rows.values() if row["reasons"]] == []
        found |= {name: rows[f"{name} 1"]["content"] == rows[f"{name} 2"]["content"] for name in ours}
    return found


@pytest.mark.parametrize("case", DELIVERIES)
def test_r3_what_an_event_says_is_its_type_its_time_and_its_data(
    case: str, said_the_same: dict[str, bool]
) -> None:
    assert said_the_same[case] is DELIVERIES[case][-1]


def test_a_replayed_event_is_the_same_event(spark: SparkSession) -> None:
    sent = {
        "id": "1",
        "detail-type": "Placed",
        "source": "shop",
        "time": "2026-01-01T00:00:00Z",
        "detail": {"n": 1},
    }
    records = {"sent": json.dumps(sent), "replayed": json.dumps({**sent, "replay-name": "again"})}
    rows = _parsed(spark, dialects.of(source_of("eventbridge")), records)
    assert rows["sent"]["content"] == rows["replayed"]["content"]
    assert (rows["sent"]["type"], rows["sent"]["origin"], rows["sent"]["reasons"]) == ("Placed", "", [])


def test_an_envelope_of_ones_own_is_read_by_its_paths(spark: SparkSession) -> None:
    paths = {
        "id": "meta.id",
        "type": "meta.kind",
        "time": "at",
        "data": "payload",
        "timezone": "Europe/Berlin",
    }
    dialect = dialects.of(source_of("envelope", **paths))
    record = '{"meta":{"id":"1","kind":"K"},"at":"2026-01-01 00:00:00","payload":{"n":1.50}}'
    row = _parsed(spark, dialect, {"f": record})["f"]
    assert (row["event_id"], row["type"], row["reasons"]) == ("1", "K", [])
    assert row["occurred_at"].astimezone(UTC) == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert dialect.path("data.n") == "payload.n"


def test_an_envelope_without_its_paths_is_refused() -> None:
    with pytest.raises(ConfigError, match="id:, type: and time:"):
        dialects.of(source_of("envelope", id="id"))


def test_a_dialect_that_is_not_served_names_those_that_are() -> None:
    with pytest.raises(
        ConfigError, match=r"dms in json is not served; use cloudevents in json, .*dms in csv"
    ):
        dialects.of(source_of("dms"))
