"""Whatever is odd in a file comes out of CSV, JSON and Parquet as one value, or rejects its record alone."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

from tests.builders.configuration import configured, put
from tests.builders.delta import delta_rows
from tests.builders.lakes import stages

CONF = """
    version: 1
    dataset: odd
    key: [id]
    columns: {id: bigint, n: 'decimal(38,0)', note: string, day: date, at: timestamp}
    LEG
    target: {format: csv, path: ROOT/store, as_of: {at: 2026-11-23T00:00:00Z}}
    reconcile: {truth: TRUTH}
    gate: {rejected: 100, unjudged: 100}
"""
LOG = """changes:
      path: ROOT/raw
      dialect: dms
      format: FORMAT
      timestamp_column: ts
      order: [ts]
      select: {id: id, n: n, note: note, day: day, at: at}
"""
EVENTS = """events:
      path: ROOT/raw
      dialect: cloudevents
      format: json
      order: [time]
      key: {id: data.id}
      apply: {T: {creates: true, set: {n: data.n, note: data.note, day: data.day, at: data.at}}}
"""
LONG = "0123456789" * (1 << 20)
NONE = {"n": None, "note": None, "day": None, "at": None}
# What a record says beside its key; what comes of it, or why it is refused.
ROWS: list[tuple[dict[str, str], dict[str, str] | str]] = [
    ({"n": "9007199254740993"}, {"n": "9007199254740993"}),
    ({"n": "-9007199254740993"}, {"n": "-9007199254740993"}),
    ({"n": "9" * 38}, {"n": "9" * 38}),
    ({"n": "1" + "0" * 38}, f"n: 1{'0' * 38} is no decimal(38,0)"),
    ({"note": "a\x00b"}, {"note": "a\x00b"}),
    ({"note": "a\r\nb\n"}, {"note": "a\r\nb\n"}),
    ({"note": "\ufeff\u00e9\U0001f600"}, {"note": "\ufeff\u00e9\U0001f600"}),
    ({"day": "0001-01-01", "at": "0001-01-01 00:00:00"}, {"day": "0001-01-01", "at": "0001-01-01 00:00:00"}),
    (
        {"day": "9999-12-31", "at": "9999-12-31 23:59:59.999999"},
        {"day": "9999-12-31", "at": "9999-12-31 23:59:59.999999"},
    ),
    ({"at": "infinity"}, "at: infinity is no timestamp"),
    ({"day": "-infinity"}, "day: -infinity is no date"),
    ({"note": LONG}, {"note": LONG}),
    ({"note": "last"}, {"note": "last"}),
]  # fmt: skip
STAMP = "2026-01-01 10:00:00.000001"
GARBLED = b"\xe9"


def _csv(rows: list[Mapping[str, str]]) -> bytes:
    """A mark, a header, CRLF; a row that is no UTF-8 before the last."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["Op", "ts", "id", *NONE], restval="NULL", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({"Op": "I", "ts": STAMP, **row} for row in rows)
    head, last = text.getvalue().encode().rsplit(b"I,", 1)
    return (
        b"\xef\xbb\xbf" + head + b"I," + STAMP.encode() + b",99,NULL," + GARBLED + b",NULL,NULL\r\nI," + last
    )


def _json(rows: list[Mapping[str, str]]) -> bytes:
    """A mark, numbers as numbers, CRLF; a line that is no UTF-8 before the last."""
    texts = []
    for row in rows:
        number = f'"n": {row["n"]}, ' if "n" in row else ""
        data = f"{{{number}{json.dumps({k: v for k, v in row.items() if k != 'n'})[1:]}"
        texts.append(
            f'{{"id": "{row["id"]}", "source": "s", "type": "T", "time": "{STAMP}", "data": {data}}}'
        )
    garbled = texts[0].encode().replace(b'"s"', b'"' + GARBLED + b'"')
    return b"\xef\xbb\xbf" + b"\r\n".join(
        [*(text.encode() for text in texts[:-1]), garbled, texts[-1].encode()]
    )


def _parquet(rows: list[Mapping[str, str]]) -> bytes:
    """Texts, as DMS writes what has no type of its own; one that is no UTF-8 before the last."""
    notes = [row.get("note", "").encode() if "note" in row else None for row in rows]
    notes.insert(-1, GARBLED)
    every = [*rows[:-1], {"id": "99"}, rows[-1]]
    columns = {
        name: pa.array([row.get(name) for row in every], pa.string()) for name in ("id", "n", "day", "at")
    }
    binary = pa.array(notes, pa.binary())
    columns["note"] = pa.StringArray.from_buffers(len(binary), *binary.buffers()[1:], binary.buffers()[0])
    fixed = {"Op": pa.array(["I"] * len(every)), "ts": pa.array([STAMP] * len(every))}
    written = io.BytesIO()
    pq.write_table(pa.table({**fixed, **columns}), written)
    return written.getvalue()


FORMATS: dict[str, tuple[str, str, str, Callable[[list[Mapping[str, str]]], bytes]]] = {
    "csv": ("changes", "20260101-100000000.csv", LOG.replace("FORMAT", "csv"), _csv),
    "parquet": ("changes", "20260101-100000000.parquet", LOG.replace("FORMAT", "parquet"), _parquet),
    "json": ("events", "2026-01-01.json", EVENTS, _json),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_value_is_what_it_is_in_any_format_and_what_is_none_rejects_its_record(
    spark: SparkSession, tmp_path: Path, name: str
) -> None:
    leg, file, settings, form = FORMATS[name]
    put(tmp_path / "raw" / file, form([{"id": str(n), **row} for n, (row, _) in enumerate(ROWS)]))
    put(tmp_path / "store/s.csv", "id,n,note,day,at\n")
    conf = configured(tmp_path, CONF.replace("LEG\n", settings.strip() + "\n").replace("TRUTH", leg))
    stages(conf, "odd", "ingest", "dedupe")
    source = tmp_path / f"lake/sources/odd_{leg}"
    [one] = delta_rows(source / "ingested_files")
    assert (one["status"], one["records"], one["rejected"]) == ("ingested", len(ROWS) + 1, 1)
    [garbled] = delta_rows(source / "rejects")
    assert (garbled["row_number"], garbled["reasons"]) == (len(ROWS), ["not valid UTF-8"])
    found: dict[int, Any] = {
        row["id"]: _said(row["values"]) for row in delta_rows(tmp_path / "lake/odd" / leg)
    }
    found |= {_id(row): "; ".join(row["reasons"]) for row in delta_rows(tmp_path / "lake/odd/rejects")}
    expected = {
        n: result if isinstance(result, str) else {**NONE, **result} for n, (_, result) in enumerate(ROWS)
    }
    assert found.keys() == expected.keys()
    wrong = {n: str(found[n])[:200] for n in expected if found[n] != expected[n]}
    assert wrong == {}


def _id(row: Mapping[str, Any]) -> int:
    return int(json.loads(row["key"])["id"])


def _said(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Values as text, stamps without their zone."""
    texts = {name: None if values[name] is None else str(values[name]) for name in NONE}
    at = texts["at"]
    return {**texts, "at": at and at.removesuffix("+00:00")}
