"""Lookup: rows of a table without Spark, filtered and ordered as asked."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from jobs.storage import delta_query

AT = datetime(2026, 3, 1, 12, 0, 0, 250, tzinfo=UTC)


def written(folder: Path) -> str:
    table = pa.table(
        {"id": ["b", "a", "it's"], "at": pa.array([AT, None, AT], pa.timestamp("us", "UTC")), "n": [1, 2, 3]}
    )
    write_deltalake(str(folder / "t"), table)
    return str(folder / "t")


def test_rows_are_filtered_ordered_and_cut(tmp_path: Path) -> None:
    table = delta_query.table_at(written(tmp_path), {})
    assert table is not None
    assert delta_query.rows(table, "n > 1", ["id", "n"], ["id"]) == [
        {"id": "a", "n": 2},
        {"id": "it's", "n": 3},
    ]
    assert delta_query.rows(table, columns=["n"], order=["n"], limit=1) == [{"n": 1}]
    quote = delta_query.text("it's")
    assert delta_query.rows(table, f"id = {quote}", ["at"]) == [{"at": AT}]


def test_a_table_that_was_never_written_is_none(tmp_path: Path) -> None:
    assert delta_query.table_at(str(tmp_path / "nothing"), {}) is None


def test_tables_are_asked_together(tmp_path: Path) -> None:
    table = delta_query.table_at(written(tmp_path), {})
    assert table is not None
    sql = "SELECT l.id, count(*) AS more FROM l JOIN r ON l.n < r.n GROUP BY l.id ORDER BY more DESC"
    assert delta_query.query(sql, {"l": table, "r": table}) == [
        {"id": "b", "more": 2},
        {"id": "a", "more": 1},
    ]
