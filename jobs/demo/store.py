"""Store: rows -> the shop's own table (Delta): it goes on after T, is exported, and logs what changes it."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields
from datetime import timedelta
from typing import TYPE_CHECKING

from jobs.demo.life import AS_OF, Change, Life, Row, change, snapshot
from jobs.demo.shop import Shop

if TYPE_CHECKING:
    import pyarrow as pa

AGAIN = AS_OF + timedelta(days=1)  # the second snapshot's instant
REPAIRED = AS_OF + timedelta(hours=6)  # when repairs reach the store
_BEHIND = timedelta(minutes=15)  # what the first snapshot may lack, the store has since
_REPAIR = 500  # repairs are numbered in the log from here on, after all changes of a life


def rows_of(shop: Shop) -> list[Row]:
    """The rows that the store holds at T, damaged as they are, those of another tenant included."""
    return [row for life in shop.lives for row in life.held] + list(shop.others_held)


def rows_later(shop: Shop) -> list[Row]:
    """The same after the shop went on for a day: what was in flight has arrived, damage stays."""
    return [row for life in shop.lives for row in _later(life)] + list(shop.others_held)


def table(rows: Iterable[Row]) -> "pa.Table":
    """The rows in their order, as the store's columns."""
    # Loaded late: only the demo needs it, and not to show its help.
    import pyarrow as pa

    types = (
        pa.int64(), pa.int64(), pa.string(), pa.int64(), pa.string(), pa.int32(),
        pa.timestamp("us", tz="UTC"),
    )  # fmt: skip
    names = [field.name for field in fields(Row)]
    tuples = [astuple(row) for row in sorted(rows, key=lambda row: (row.id, row.state))]
    columns = zip(zip(*tuples, strict=True), types, strict=True)
    return pa.table([pa.array(column, kind) for column, kind in columns], names)


def parquet(rows: Iterable[Row]) -> bytes:
    """An export of the rows."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(table(rows), sink, compression="snappy")
    return sink.getvalue()


def write(uri: str, rows: Iterable[Row], options: Mapping[str, str]) -> None:
    """Make the rows all that the table holds."""
    from deltalake import write_deltalake

    write_deltalake(uri, table(rows), mode="overwrite", storage_options=dict(options) or None)


def read(uri: str, options: Mapping[str, str]) -> list[Row]:
    """The rows that the table holds."""
    from jobs.lookup import rows, table_at

    held = table_at(uri, dict(options))
    assert held is not None
    return [Row(**row) for row in rows(held)]


def repairs(before: Iterable[Row], after: Iterable[Row]) -> list[Change]:
    """What the log sees of the repairs: the rows that went, came or changed, by id.

    An id that stands twice is left out: nothing repairs it without a person's word.
    """
    old, new = _once(before), _once(after)
    log = []
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        if was == now:
            continue
        op = "D" if now is None else "I" if was is None else "U"
        row = now or was
        assert row is not None
        log.append(change(op, row, REPAIRED + timedelta(seconds=1), _REPAIR))
    return log


def _once(rows: Iterable[Row]) -> dict[int, Row]:
    held = list(rows)
    number = Counter(row.id for row in held)
    return {row.id: row for row in held if number[row.id] == 1}


def _later(life: Life) -> tuple[Row, ...]:
    moved = any(AS_OF - _BEHIND < each.commit <= AGAIN for each in life.log)
    return snapshot(life.log, AGAIN) if moved else life.held
