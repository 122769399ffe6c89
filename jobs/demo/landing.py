"""Landing: a shop -> the files in which its legs arrive; the same shop gives the same bytes.

Firehose objects of CloudEvents (some without any delimiter); of each table a DMS full load and change files
(CSV without a header), and a Parquet snapshot of the store.
"""

import csv
import gzip
import io
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from jobs.demo.entity import Entity
from jobs.demo.life import AS_OF, Change, Delivery, Key, cells
from jobs.demo.shop import LISTED, LOAD, START, Shop, Table
from jobs.demo.store import parquet, rows_of

Files = dict[str, bytes]
EVENTS = "shop-raw/events"
LOST_BEGIN, LOST_END = AS_OF - timedelta(minutes=150), AS_OF - timedelta(minutes=140)

_HOUR = timedelta(hours=1)
_EVENT_CUTS = [START + 2 * n * _HOUR for n in range(1 + (LISTED - START) // (2 * _HOUR))]
_CHANGE_CUTS = [
    *(LOAD + 4 * n * _HOUR for n in range((AS_OF - LOAD) // (4 * _HOUR))),
    LOST_BEGIN,
    LOST_END,
    AS_OF,
    LISTED,
]
_Item = TypeVar("_Item")


def landed(shop: Shop) -> Files:
    """Path below the inputs -> content, as written: snapshot, load and changes of each table; events."""
    files: Files = {}
    for table in shop.tables:
        files |= _of_table(table)
    deliveries = [each for table in shop.tables for life in table.lives for each in life.deliveries]
    return files | _events([*deliveries, *shop.strays])


def export(entity: Entity, at: datetime) -> str:
    """The path of the store's export as of an instant."""
    name = f"part-00000-{_uuid(f'snapshot {at}')}-c000.snappy.parquet"
    return f"shop-snapshots/{entity.name}/dt={at:%Y-%m-%d}/{name}"


def logged(entity: Entity, changes: Iterable[Change], end: datetime) -> Files:
    """The change file that was cut at this instant."""
    return {change_file(entity, end): _csv(each.cells for each in changes)}


def changes_at(entity: Entity) -> str:
    """The folder of the table's change log."""
    return f"shop-cdc/public/{entity.name}"


def change_file(entity: Entity, end: datetime) -> str:
    """The path of the change file that was cut at this instant."""
    return f"{changes_at(entity)}/{end:%Y%m%d-%H%M%S}0000.csv"


def event_file(oldest: datetime, salt: str = "") -> str:
    """The path of the event object whose oldest record arrived at this instant."""
    name = f"shop-events-1-{oldest:%Y-%m-%d-%H-%M-%S}-{_uuid(oldest.isoformat() + salt)}"
    return f"{EVENTS}/{oldest:%Y/%m/%d/%H}/{name}.gz"


def zipped(text: str) -> bytes:
    """The text as a gzip file that carries no stamp."""
    return gzip.compress(text.encode(), mtime=0)


def _events(deliveries: Iterable[Delivery]) -> Files:
    files: Files = {}
    for number, batch in enumerate(_cut(deliveries, lambda each: each.arrival, _EVENT_CUTS).values()):
        batch.sort(key=lambda each: (each.arrival, each.record))
        # Firehose adds no delimiter unless it is told to; broken text can only be told apart by lines.
        delimiter = "\n" if number % 3 or any(each.broken for each in batch) else ""
        files[event_file(batch[0].arrival)] = zipped("".join(each.record + delimiter for each in batch))
    return files


def _of_table(table: Table) -> Files:
    log = [each for life in table.lives for each in life.log] + list(table.others)
    return {
        export(table.entity, AS_OF): parquet(table.entity, rows_of(table)),
        f"{changes_at(table.entity)}/LOAD00000001.csv": _load(log),
        **_changes(table.entity, [each for each in log if each.commit > LOAD]),
    }


def _changes(entity: Entity, log: Iterable[Change]) -> Files:
    batches = _cut(log, lambda each: each.arrival, _CHANGE_CUTS)
    return {
        change_file(entity, end): _csv(each.cells for each in sorted(batch, key=_order_in_file))
        for end, batch in batches.items()
    }


def _load(log: Iterable[Change]) -> bytes:
    """The table at the instant of the load; DMS writes no Op, no change number, and its own stamp a row."""
    latest: dict[Key, Change] = {}
    for each in sorted((each for each in log if each.commit <= LOAD), key=lambda each: each.seq):
        latest[each.row.key] = each
    rows = [latest[key].row for key in sorted(latest) if latest[key].op != "D"]
    return _csv(cells(row, LOAD + timedelta(milliseconds=n), "") for n, row in enumerate(rows))


def _order_in_file(change: Change) -> tuple[datetime, str]:
    return change.arrival, change.seq


def _cut(
    items: Iterable[_Item], at: Callable[[_Item], datetime], cuts: Sequence[datetime]
) -> dict[datetime, list[_Item]]:
    """The items by the first cut at or after their instant, in order; a cut without any is left out."""
    batches: dict[datetime, list[_Item]] = defaultdict(list)
    for item in items:
        batches[cuts[min(bisect_left(cuts, at(item)), len(cuts) - 1)]].append(item)
    return dict(sorted(batches.items()))


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))
