"""So many rows or files -> inputs of one ingest: a large load file, one large .gz, many small files."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from bench.road import configuration
from bench.road.orders import BEGIN, SNAPSHOT, connection

RECORDS_A_FILE = 20
# 102 bytes a row, so that ten million are a gigabyte.
_LOAD = """
select 'I' as op, '2026-11-01 00:00:00.000000' as committed_at, 0 as seq, i as order_id,
  hash(i) % 5000 as customer_id,
  'PLACED' as state, hash(i) % 100000 as amount_cents, 'EUR' as currency,
  case when hash(i) % 7 = 0 then 'note, "' || (hash(i) % 99) || '"' end as note, 'web' as channel,
  'DE' as country,
  1 + hash(i) % 9 as qty, '0.5' as discount, '2026-11-01 00:00:00' as created_at, null as updated_at
from range({rows}) t(i)
"""
# 277 bytes a line: 4.3 million are 1.2 GB of text.
_EVENTS = """
select '1.0' as specversion, i || '-1' as id, '/shop' as source, 'OrderPlaced' as type,
  strftime(timestamp '2026-11-01' + to_milliseconds(i), '%Y-%m-%dT%H:%M:%S.%gZ') as "time",
  json_object('order_id', i, 'version', 1, 'customer_id', hash(i) % 5000,
    'amount', (hash(i) % 100000) / 100.0, 'currency', 'EUR', 'note', 'note, "' || (hash(i) % 99999) || '"',
    'channel', 'web', 'country', 'DE', 'qty', 1 + hash(i) % 9, 'discount', 0.5) as data
from range({rows}) t(i)
"""


def load_file(folder: Path, rows: int, parquet: bool = False) -> int:
    """Write one load file of DMS of so many rows, in CSV or in Parquet; return how many records that are."""
    if not (folder / "conf").exists():
        (folder / "cdc").mkdir(parents=True)
        with connection(folder) as duck:
            name = folder / "cdc" / f"LOAD00000001.{'parquet' if parquet else 'csv'}"
            form = "format parquet" if parquet else "format csv, header false, nullstr 'NULL'"
            duck.execute(f"copy ({_LOAD.format(rows=rows)}) to '{name}' ({form})")
        _finish(folder, configuration.write_parquet if parquet else configuration.write_changes)
    return rows


def one_gz(folder: Path, rows: int) -> int:
    """Write so many events into one file of JSON lines in gz; return how many records that are."""
    if not (folder / "conf").exists():
        (folder / "events").mkdir(parents=True)
        with connection(folder) as duck:
            name = folder / "events" / "shop-1.gz"
            duck.execute(f"copy ({_EVENTS.format(rows=rows)}) to '{name}' (format json, compression gzip)")
        _finish(folder, configuration.write_events)
    return rows


def small_files(folder: Path, files: int) -> int:
    """Write so many files of 5 KB, twenty events each, an hour's in a folder; return how many events."""
    if not (folder / "conf").exists():
        for n in range(files):
            hour = BEGIN + timedelta(hours=n * 200 // files)
            place = folder / "events" / f"{hour:%Y/%m/%d/%H}"
            place.mkdir(parents=True, exist_ok=True)
            first = n * RECORDS_A_FILE
            lines = (_event(order, hour) for order in range(first, first + RECORDS_A_FILE))
            (place / f"shop-1-{n:06}").write_text("".join(lines))
        _finish(folder, configuration.write_events)
    return files * RECORDS_A_FILE


def _event(order: int, at: datetime) -> str:
    data = {
        "order_id": order, "version": 1, "customer_id": order % 5000, "amount": order % 100000 / 100,
        "currency": "EUR", "note": f'note, "{order % 99999}"', "channel": "web", "country": "DE",
        "qty": 1 + order % 9, "discount": 0.5,
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": f"{order}-1", "source": "/shop", "type": "OrderPlaced",
        "time": f"{at:%Y-%m-%dT%H:%M:%S.000Z}", "data": data,
    }  # fmt: skip
    return json.dumps(event, separators=(",", ":")) + "\n"


def _finish(folder: Path, write: configuration.Writer) -> None:
    """An ingest asks for a snapshot too, though it does not read it; the configuration comes last."""
    store = folder / "store" / SNAPSHOT
    store.mkdir(parents=True)
    with connection(folder) as duck:
        duck.execute(f"copy (select 1::bigint as order_id) to '{store}/orders.parquet' (format parquet)")
    write(folder)
