"""Rows of DMS in CSV, of whatever text, are read or refused as plain Python does."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import strategies as st
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.settings import Source
from jobs.spark.rows import frame_of
from tests.builders.examples import examples
from tests.dialects.conftest import source_of

SEED, RECORDS = 1129, 600
FIELDS = ["id", "note"]
TOKENS = {"null_token": "NULL", "unsaid_token": "?"}
NULL, UNSAID = TOKENS.values()
# Cells as they are written: plain, in quotes, and in quotes that do not close where the cell ends.
PLAIN = st.text(st.sampled_from("a1 .é?\\|'"), max_size=4) | st.sampled_from([NULL, UNSAID, "", 'x"y'])
QUOTED = st.text(st.sampled_from('a",\n?é'), max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"')
CELL = st.one_of(PLAIN, PLAIN, QUOTED, st.sampled_from([f'"{NULL}"', f'"{UNSAID}"']))
BROKEN = st.sampled_from(['"', '"a', '"a"b', '"""', 'a"', '""b'])
OP = st.sampled_from(["I", "U", "D", "I", "U", "u", " D ", "X", "", "II"])


def cells_of(record: str) -> list[str] | None:
    """The cells of a row by RFC 4180, quotes kept; None where a quote does not close at a cell's end."""
    cells, at = [], 0
    while True:
        begin = at
        if record[at : at + 1] == '"':
            at += 1
            while True:
                at = record.find('"', at)
                if at < 0:
                    return None
                if record[at + 1 : at + 2] != '"':
                    break
                at += 2
            at += 1
        else:
            comma = record.find(",", at)
            at = len(record) if comma < 0 else comma
        cells.append(record[begin:at])
        if at == len(record):
            return cells
        if record[at] != ",":
            return None
        at += 1


def is_row(record: str) -> bool:
    """Whether framing makes one row of a text: it ends a row at every newline that no quotes are around."""
    cells = cells_of(record)
    newlines = [cell for cell in cells or [record] if "\n" in cell]
    return record != "" and all(cell.startswith('"') and cells is not None for cell in newlines)


ROWS = st.tuples(
    st.sampled_from(["load", "change", "change"]),
    st.builds(
        lambda op, cells: ",".join([*op, *cells]),
        st.lists(OP, max_size=1) | OP.map(lambda op: [op]),
        st.lists(CELL, min_size=2, max_size=2) | st.lists(CELL | BROKEN, min_size=1, max_size=4),
    ).filter(is_row),
)


def read(kind: str, record: str) -> tuple[str, dict[str, str | None]] | None:
    """The op and what the row says of each field; None where it is refused."""
    cells = cells_of(record)
    if cells is None:
        return None
    if kind == "load" and len(cells) == len(FIELDS):
        op = "I"
    elif len(cells) == len(FIELDS) + 1:
        op, cells = cells[0].strip(" ").upper(), cells[1:]
    else:
        return None
    if op not in ("I", "U", "D") or (kind == "load" and op != "I"):
        return None
    return op, {name: value(cell) for name, cell in zip(FIELDS, cells, strict=True) if cell != UNSAID}


def value(cell: str) -> str | None:
    """The value of a cell."""
    if cell == NULL:
        return None
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _by_dialect(
    spark: SparkSession, source: Source, rows: Sequence[tuple[str, str]], header: str | None
) -> dict[int, Row]:
    each = [
        {"etag": str(n), "file": "f", "record": record, "kind": kind, "header": header}
        for n, (kind, record) in enumerate(rows)
    ]
    records = frame_of(spark, each, "etag string, file string, record string, kind string, header string")
    dialect = dialects.of(source)
    parsed = dialect.parsed(dialect.judged(records.withColumn("modified_at", F.current_timestamp())))
    leaves = {name: dialect.lookup(name) for name in FIELDS}
    said = [F.when(leaf.is_stated, F.struct(F.lit(name), leaf.text)) for name, leaf in leaves.items()]
    body = F.when(F.size("reasons") == 0, F.map_from_entries(F.array_compact(F.array(*said))))
    found = parsed.select("etag", "cdc_op", "reasons", body.alias("body")).collect()
    return {int(row["etag"]): row for row in found}


@pytest.mark.parametrize("has_header", [False, True])
def test_csv_of_any_text_is_read_or_refused_as_python_does(spark: SparkSession, has_header: bool) -> None:
    rows = examples(ROWS, RECORDS, SEED)
    settings: dict[str, Any] = TOKENS if has_header else {**TOKENS, "fields": FIELDS}
    header = ",".join(["Op", *FIELDS]) if has_header else None
    found = _by_dialect(spark, source_of("dms", "csv", **settings), rows, header)
    accepted = 0
    for n, (kind, record) in enumerate(rows):
        # A header that names Op has every row begin with it.
        is_bare = has_header and len(cells_of(record) or []) == len(FIELDS)
        expected = None if is_bare else read(kind, record)
        row = found[n]
        result = (row["cdc_op"], row["body"]) if not row["reasons"] else None
        assert result == expected, (kind, record, row["reasons"])
        accepted += expected is not None
    assert RECORDS // 5 < accepted < RECORDS * 4 // 5
