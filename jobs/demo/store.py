"""Store: rows -> the shop's own table (Delta): it changes after T, is exported, and logs its changes."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

from jobs.demo.entity import Entity
from jobs.demo.life import AS_OF, Change, Key, Life, Row, change, snapshot
from jobs.demo.shop import Table

if TYPE_CHECKING:
    import pyarrow as pa

SECOND_AS_OF = AS_OF + timedelta(days=1)  # the second snapshot's instant
REPAIRED = AS_OF + timedelta(hours=6)  # when repairs reach the store
_LAG = timedelta(minutes=15)  # what the first snapshot may lack, the store has since
_REPAIR = 500  # repairs are numbered in the log from here on, after all changes of a life


def rows_of(table: Table) -> list[Row]:
    """The rows that the store holds at T, damaged as they are, those of another tenant included."""
    return [row for life in table.lives for row in life.store_rows] + list(table.others_stored)


def rows_later(table: Table) -> list[Row]:
    """The same a day later: what was in flight has arrived, damage stays."""
    return [row for life in table.lives for row in _later(life)] + list(table.others_stored)


def arrow(entity: Entity, rows: Iterable[Row]) -> "pa.Table":
    """The rows in their order, as the columns of the entity's table."""
    # Loaded late: only the demo needs it, and not to show its help.
    import pyarrow as pa

    types = {
        **dict.fromkeys(("id", "order_id", "customer_id", "amount_cents"), pa.int64()),
        **dict.fromkeys(("tenant_id", "line_no", "quantity"), pa.int32()),
        **dict.fromkeys(("state", "note", "article"), pa.string()),
        "deleted_at": pa.timestamp("us", tz="UTC"),
    }
    ordered = sorted(rows, key=attrgetter("key", "state"))
    columns = {name: [getattr(row, name) for row in ordered] for name in entity.row.COLUMNS}
    return pa.table({name: pa.array(values, types[name]) for name, values in columns.items()})


def parquet(entity: Entity, rows: Iterable[Row]) -> bytes:
    """An export of the rows."""
    import pyarrow.parquet as pq

    sink = io.BytesIO()
    pq.write_table(arrow(entity, rows), sink, compression="snappy")
    return sink.getvalue()


def write(entity: Entity, uri: str, rows: Iterable[Row], options: Mapping[str, str]) -> None:
    """Replace the table's rows."""
    from deltalake import write_deltalake

    write_deltalake(uri, arrow(entity, rows), mode="overwrite", storage_options=dict(options) or None)


def read(entity: Entity, uri: str, options: Mapping[str, str]) -> list[Row]:
    """The table's rows."""
    from jobs.storage.delta_query import rows, table_at

    table = table_at(uri, dict(options))
    assert table is not None
    return [entity.row(**row) for row in rows(table)]


def repairs(before: Iterable[Row], after: Iterable[Row]) -> list[Change]:
    """The log's changes of the repairs: the rows removed, added or changed, by key.

    A key that stands twice is left out: nothing repairs it unless a person decides so.
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


def _once(rows: Iterable[Row]) -> dict[Key, Row]:
    listed = list(rows)
    number = Counter(row.key for row in listed)
    return {row.key: row for row in listed if number[row.key] == 1}


def _later(life: Life) -> tuple[Row, ...]:
    moved = any(AS_OF - _LAG < each.commit <= SECOND_AS_OF for each in life.log)
    return snapshot(life.log, SECOND_AS_OF) if moved else life.store_rows
