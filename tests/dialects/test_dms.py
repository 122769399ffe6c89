"""DMS files in CSV: rows, cells, ops and stamps, with and without a header, and what is refused."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dialects import csv_text

from .conftest import source_of

Files = Callable[[Mapping[str, str]], DataFrame]
NONE: list[tuple[int | None, str | None]] = [(None, None)]
NOW = datetime(2026, 2, 1, tzinfo=UTC)

ROWS: dict[str, tuple[str, list[str]]] = {
    "plain": ("I,1,a\nU,2,b\n", ["I,1,a", "U,2,b"]),
    "no_last_newline": ("I,1\nU,2", ["I,1", "U,2"]),
    "crlf": ("I,1\r\nU,2\r\n", ["I,1", "U,2"]),
    "newline_between_quotes": ('I,"a\nb\r\nc"\nU,2\n', ['I,"a\nb\r\nc"', "U,2"]),
    "doubled_quotes": ('I,"a ""b"", c"\r\nU,2', ['I,"a ""b"", c"', "U,2"]),
    "quote_within_a_cell": ('I,5" pipe\nU,"x"\n', ['I,5" pipe', 'U,"x"']),
    "quote_never_closed": ('I,"a\nU,"b"\nD,c\n', ['I,"a', 'U,"b"', "D,c"]),
    "quote_closed_too_early": ('I,"a"b\nU,2', ['I,"a"b', "U,2"]),
    "empty_cells": (",,\nI,,\n", [",,", "I,,"]),
    "blank_lines": ("\n\r\nI,1\n\n", ["I,1"]),
    "empty": ("", []),
    "long_cell": ('I,"' + 'x""' * 300_000 + '"\nU,2', ['I,"' + 'x""' * 300_000 + '"', "U,2"]),
}


@pytest.fixture(scope="module")
def framed(files: Files) -> dict[str, list[Row]]:
    frame = csv_text.framing(files({name: text for name, (text, _) in ROWS.items()}), ",", has_header=False)
    rows = frame.collect()
    return {
        name: sorted((r for r in rows if r["file"] == name), key=lambda r: r["row_number"]) for name in ROWS
    }


@pytest.mark.parametrize("case", ROWS)
def test_rows_are_told_apart_by_rfc_4180(case: str, framed: dict[str, list[Row]]) -> None:
    wanted = [*enumerate(ROWS[case][1], 1)] or NONE
    assert [(row["row_number"], row["record"]) for row in framed[case]] == wanted


def test_the_first_row_is_the_header_and_no_record(files: Files) -> None:
    texts = {"f": 'Op,id,"a ""b"""\r\nI,1,x\r\n', "g": "Op,id\r\n", "h": ""}
    rows = csv_text.framing(files(texts), ",", has_header=True).orderBy("file").collect()
    told = [(row["file"], row["header"], row["row_number"], row["record"]) for row in rows]
    assert told == [
        ("f", 'Op,id,"a ""b"""', 1, "I,1,x"),
        ("g", "Op,id", None, None),
        ("h", None, None, None),
    ]


NAMES = ("ts", "id", "note", 'the "note"', "a", "b", "c", "d")
FIELDS = {"fields": ["ts", "id", "note"], "timestamp_column": "ts", "unsaid_token": "?"}
TS = "2026-01-01 00:00:00.000001"
# name: (kind, record, cdc_op, body without ts, reasons)
CASES: dict[str, tuple[str, str, str | None, dict[str, str | None] | None, list[str]]] = {
    "insert": ("change", f"I,{TS},1,x", "I", {"id": "1", "note": "x"}, []),
    "update": ("change", f"U,{TS},1,x", "U", {"id": "1", "note": "x"}, []),
    "delete": ("change", f"D,{TS},1,", "D", {"id": "1", "note": ""}, []),
    "null": ("change", f"U,{TS},1,NULL", "U", {"id": "1", "note": None}, []),
    "quoted_null_is_text": ("change", f'U,{TS},1,"NULL"', "U", {"id": "1", "note": "NULL"}, []),
    "unsaid": ("change", f"U,{TS},1,?", "U", {"id": "1"}, []),
    "quoted_unsaid_is_text": ("change", f'U,{TS},1,"?"', "U", {"id": "1", "note": "?"}, []),
    "quotes": ("change", f'U,{TS},1,"a ""b"",\nc"', "U", {"id": "1", "note": 'a "b",\nc'}, []),
    "all_quoted": ("change", f'"U","{TS}","1","x"', "U", {"id": "1", "note": "x"}, []),
    "spaces_are_kept": ("change", f"U,{TS},1, x ", "U", {"id": "1", "note": " x "}, []),
    "load_without_op": ("load", f"{TS},1,x", "I", {"id": "1", "note": "x"}, []),
    "load_with_op": ("load", f"I,{TS},1,x", "I", {"id": "1", "note": "x"}, []),
    "load_that_deletes": ("load", f"D,{TS},1,x", "D", {"id": "1", "note": "x"}, ["Op is D in a full load"]),
    "change_without_op": (
        "change",
        f"{TS},1,x",
        None,
        None,
        ["expected 4 fields, found 3: name them in fields"],
    ),
    "too_many": ("change", f"U,{TS},1,x,y", None, None, ["expected 4 fields, found 5: name them in fields"]),
    "too_few": ("load", "1", None, None, ["expected 4 fields, found 1: name them in fields"]),
    "strange_op": ("change", f"X,{TS},1,x", None, {"id": "1", "note": "x"}, ["Op is X"]),
    "no_stamp": ("change", "U,NULL,1,x", "U", {"id": "1", "note": "x"}, ["timestamp column ts is empty"]),
    "bad_stamp": (
        "change",
        "U,noon,1,x",
        "U",
        {"id": "1", "note": "x"},
        ["timestamp column ts is no timestamp: noon"],
    ),
    "unclosed": ("change", f'U,{TS},1,"x', "U", {"id": "1", "note": '"x'}, ["a quoted field is not closed"]),
    "lone_quote": ("change", f'U,{TS},1,"', "U", {"id": "1", "note": '"'}, ["a quoted field is not closed"]),
}


def _parsed(files: Files, rows: Mapping[str, tuple[str, str, str | None]], **settings: Any) -> dict[str, Row]:
    """Name -> (kind, record, header) as parsed rows."""
    kinds = F.create_map(*[F.lit(each) for name, (kind, _, _) in rows.items() for each in (name, kind)])
    headers = F.create_map(*[F.lit(each) for name, (_, _, header) in rows.items() for each in (name, header)])
    frame = files({name: record for name, (_, record, _) in rows.items()}).select(
        "file", "etag", F.col("text").alias("record"), F.lit(NOW).alias("modified_at"),
        kinds[F.col("file")].alias("kind"), headers[F.col("file")].cast("string").alias("header"),
    )  # fmt: skip
    dialect = dialects.of(source_of("dms", "csv", **settings))
    read = dialect.parsed(dialect.judged(frame))
    leaves = {name: dialect.lookup(name) for name in NAMES}
    said = [F.when(leaf.is_stated, F.struct(F.lit(name), leaf.text)) for name, leaf in leaves.items()]
    body = F.when(F.col("sound"), F.map_from_entries(F.array_compact(F.array(*said))))
    return {row["file"]: row for row in read.withColumn("body", body).collect()}


@pytest.fixture(scope="module")
def parsed(files: Files) -> dict[str, Row]:
    return _parsed(files, {name: (case[0], case[1], None) for name, case in CASES.items()}, **FIELDS)


@pytest.mark.parametrize("case", CASES)
def test_a_row_is_read_or_refused(case: str, parsed: dict[str, Row]) -> None:
    _, _, op, body, reasons = CASES[case]
    row = parsed[case]
    found = (
        {name: text for name, text in row["body"].items() if name != "ts"}
        if row["body"] is not None
        else None
    )
    assert (row["cdc_op"], found, row["reasons"]) == (op, body, reasons)


def test_the_commit_stamp_says_when(parsed: dict[str, Row]) -> None:
    assert parsed["insert"]["occurred_at"].astimezone(UTC) == datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)
    assert (parsed["insert"]["event_id"], parsed["insert"]["origin"], parsed["insert"]["type"]) == (
        None,
        "",
        None,
    )


def test_without_a_stamp_the_file_says_when(files: Files) -> None:
    row = _parsed(files, {"f": ("change", "I,1", None)}, fields=["id"])["f"]
    assert row["occurred_at"].astimezone(UTC) == NOW
    assert row["reasons"] == []


def test_a_header_names_the_cells(files: Files) -> None:
    rows = {
        "ops": ("change", 'U,1,"x|y"', 'Op,id,"the ""note"""'),
        "load": ("load", "1,x", "id,note"),
        "nameless": ("change", "1,x", "id,note"),
        "twice": ("load", "1,x", "id,id"),
        "drift": ("change", "U,1", "Op,id,note"),
    }
    found = _parsed(files, rows)
    told = {name: (row["cdc_op"], row["body"], row["reasons"]) for name, row in found.items()}
    assert told == {
        "ops": ("U", {"id": "1", 'the "note"': "x|y"}, []),
        "load": ("I", {"id": "1", "note": "x"}, []),
        "nameless": (
            "I",
            {"id": "1", "note": "x"},
            ["no Op column: set IncludeOpForFullLoad of the endpoint"],
        ),
        "twice": ("I", None, ["a name stands twice in the header"]),
        "drift": (None, None, ["expected 3 fields, found 2"]),
    }


def test_delimiter_and_null_token_are_the_sources(files: Files) -> None:
    rows = {"f": ("change", 'U|a,b|\\N||"c|d"', None)}
    row = _parsed(files, rows, fields=["a", "b", "c", "d"], delimiter="|", null_token="\\N")["f"]
    assert row["body"] == {"a": "a,b", "b": None, "c": "", "d": "c|d"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("b/shop/orders/LOAD00000001.csv", "load"),
        ("b/shop/orders/LOAD0000000A.csv.gz", "load"),
        ("b/shop/orders/LOAD00001.csv", "load"),
        ("b/shop/orders/SEGMENT3_LOAD0001.csv", "load"),
        ("b/shop/orders/p1/LOAD0001.csv", "load"),
        ("b/shop/orders/20141029-1134010000.csv", "change"),
        ("b/shop/orders/2026/11/24/20261124-113401000.csv.gz", "change"),
        ("b/LOAD0001.csv/20141029-1134010000.csv", "change"),
        ("b/shop/orders/RELOAD0001.csv", "change"),
        ("b/shop/orders/LOAD000G.csv", "change"),
        ("b/shop/orders/LOAD00000001.parquet", "load"),
        ("b/changes/CDC_TXN-20201117153046033.csv", "change"),
    ],
)
def test_the_name_of_a_file_says_its_kind(path: str, kind: str) -> None:
    assert dialects.of(source_of("dms", "csv")).kind(path) == kind
    assert dialects.of(source_of("cloudevents")).kind(path) == "event"
