"""Beginnings: records and headers are read off a file that is cut anywhere, packed or not."""

import gzip
import json

import pytest

from jobs.storage.beginnings import header_of, objects_of, text_of

RECORDS = [{"id": n, "data": {"note": "a}\n{b", "more": [1, {"x": None}]}} for n in range(3)]
LINES = "\n".join(map(json.dumps, RECORDS))


@pytest.mark.parametrize(
    "text",
    [
        LINES,
        LINES.replace("\n", ""),
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        "\n".join(json.dumps(record, indent=2) for record in RECORDS),
        LINES + '\n{"id": 4, "data": {"no',
        "not json\n" + LINES + "\n7",
    ],
)
def test_every_whole_object_is_read(text: str) -> None:
    assert objects_of(text) == RECORDS


@pytest.mark.parametrize("text", ["", "[", "[" * 5000, '{"id": 1', "\ufffd\ufffd"])
def test_where_none_is_whole_there_is_none(text: str) -> None:
    assert objects_of(text) == []


def test_a_packed_file_is_read_as_far_as_it_goes() -> None:
    packed = gzip.compress("\n".join(f"line {n * n * 7919}" for n in range(5000)).encode())
    text = text_of("a.csv.gz", packed[:2000])
    assert text is not None
    assert text.startswith("line 0\nline 7919\n")
    assert text_of("a.gz", b"no gzip") is None
    assert text_of("a.json.bz2", b"BZh9") is None
    assert text_of("a.json", "\ufeffx".encode()) == "x"


def test_the_header_is_the_first_row() -> None:
    assert header_of('id;"a;b";c\n1;2;3\n', ";") == ["id", "a;b", "c"]
    assert header_of("", ",") == []
