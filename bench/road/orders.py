"""So many keys -> a shop's events, change log and store as files, with known damage, and what must be found.

Every value follows from the key's number and its hash in DuckDB, so the same size gives the same rows
anywhere. Orders are placed over ten days; the files hold what happened up to a cut, `later/` the hour after.
"""

import gzip
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bench.road import configuration

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# At a million keys: 2.2 M events, as many changes, 883,334 rows in the store.
CUT = datetime(2026, 11, 9, 20)
# An hour has 0.5 % of the records of the days before.
LATER = CUT + timedelta(hours=1)
BEGIN = datetime(2026, 11, 1)
FILES = 36
SNAPSHOT, LATER_SNAPSHOT = "dt=2026-11-10", "dt=2026-11-11"
_ANSWERS = "answers.json"

_KEYS = """
create table keys as select
  i as order_id, hash(i) as h,
  timestamp '2026-11-01' + to_milliseconds(cast(i * 864000000.0 / {keys} as bigint)) as placed,
  (h % 5000)::int as customer_id, ((h % 100000) / 100.0)::decimal(12,2) as amount,
  ['EUR', 'USD', 'GBP'][1 + (h % 3)::int] as currency,
  case when h % 7 <> 0 then 'note, "' || (h % 99999) || '"' end as note,
  ['web', 'app', 'shop'][1 + (h // 3 % 3)::int] as channel,
  ['DE', 'NL', 'FR', 'IT'][1 + (h // 5 % 4)::int] as country,
  (1 + h // 7 % 9)::int as qty, ((h // 11 % 1000) / 1000.0)::decimal(6,3) as discount
from range({keys}) t(i)
"""
# Version, type, how long after the order, and of how many keys in ten.
_STEPS = """
create table steps as select * from (values
  (1, 'OrderPlaced', interval 0 minute, 10, 'PLACED'), (2, 'OrderPaid', interval 10 minute, 8, 'PAID'),
  (3, 'OrderShipped', interval 20 hour, 6, 'SHIPPED'), (4, 'OrderAdjusted', interval 30 hour, 2, 'SHIPPED')
) t(version, type, after, share, status)
"""
# What an adjustment adds is in the amount of its change; a change is committed some seconds after its event.
_HAPPENED = """
create table happened as select
  k.* exclude (h, amount), version, type, status, placed + after as occurred,
  placed + after + to_seconds((h % 50)::int) as committed,
  amount as placed_amount, (amount + case version when 4 then 1.50 else 0 end)::decimal(12,2) as amount
from keys k join steps on h % 10 < share where placed + after < timestamp '{until}' order by occurred
"""
_EVENTS = """
select '1.0' as specversion, order_id || '-' || version as id, '/shop' as source, type,
  strftime(occurred, '%Y-%m-%dT%H:%M:%S.%gZ') as "time",
  case version
    when 1 then json_object('order_id', order_id, 'version', version, 'customer_id', customer_id,
      'amount', placed_amount, 'currency', currency, 'note', note, 'channel', channel, 'country', country,
      'qty', qty, 'discount', discount)
    when 4 then json_object('order_id', order_id, 'version', version, 'delta', '1.50')
    else json_object('order_id', order_id, 'version', version)
  end as data
from happened where {where} order by occurred, order_id, version
"""
_CHANGES = """
select case version when 1 then 'I' else 'U' end as op,
  strftime(committed, '%Y-%m-%d %H:%M:%S.%f') as committed_at,
  row_number() over (order by committed, order_id, version) + {base} as seq, order_id, customer_id, status,
  (amount * 100)::bigint as amount_cents, currency, note, channel, country, qty, discount,
  strftime(placed, '%Y-%m-%d %H:%M:%S.%f') as created_at,
  strftime(occurred, '%Y-%m-%d %H:%M:%S.%f') as updated_at
from happened where {where} order by committed, order_id, version
"""
# One key in ten thousand has another amount in the store, and one is not there.
_STORE = """
select order_id, customer_id, status as state,
  (amount * 100)::bigint + case when hash(order_id + 1) % 10000 = 0 then 700 else 0 end as amount_cents,
  currency, note, channel, country, qty, discount, placed as created_at, occurred as updated_at
from happened where occurred < timestamp '{end}' and hash(order_id + 2) % 10000 <> 0
qualify row_number() over (partition by order_id order by version desc) = 1
"""
_ANSWER = """
select count(*) filter (where not damaged), count(*) filter (where damaged) from (
  select hash(order_id + 1) % 10000 = 0 or hash(order_id + 2) % 10000 = 0 as damaged
  from (select distinct order_id from happened where occurred < timestamp '{end}'))
"""


@dataclass(frozen=True)
class Answer:
    """What must be found: keys that agree on all legs, and keys that are wrong in the store alone."""

    agree: int
    differ: int


@dataclass(frozen=True)
class Orders:
    """A shop's files in a folder, and the answers to its first day and to the one after."""

    folder: Path
    first: Answer
    second: Answer


def orders(folder: Path, keys: int) -> Orders:
    """Return the shop of so many keys in the folder; it is made where it is not there."""
    if not (folder / _ANSWERS).exists():
        _make(folder, keys)
    answers = json.loads((folder / _ANSWERS).read_text())
    return Orders(folder, *(Answer(**each) for each in answers))


def connection(folder: Path) -> "DuckDBPyConnection":
    """DuckDB on two threads, which puts on disk what does not fit."""
    import duckdb

    made = duckdb.connect()
    made.execute("set threads = 2; set timezone = 'UTC'; set memory_limit = '4GB'")
    made.execute(f"set temp_directory = '{folder}/spilled'")
    return made


def _make(folder: Path, keys: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with connection(folder) as duck:
        for sql in (_KEYS, _STEPS, _HAPPENED):
            duck.execute(sql.format(keys=keys, until=LATER))
        duck.execute("drop table keys")
        span = (CUT - BEGIN) / FILES
        bounds = [BEGIN + n * span for n in range(FILES)]
        for begin, end in zip(bounds, [*bounds[1:], LATER], strict=True):
            _window(
                duck, folder, begin, f"occurred < '{CUT}' and {{stamp}} >= '{begin}' and {{stamp}} < '{end}'"
            )
        _window(duck, folder / "later", CUT, f"occurred >= '{CUT}'")
        _store(duck, folder / "store" / SNAPSHOT, CUT)
        _store(duck, folder / "later" / "store" / LATER_SNAPSHOT, LATER)
        answers = [_answer(duck, end) for end in (CUT, LATER)]
    # The table was empty when it was loaded: a load file without rows.
    (folder / "cdc" / "LOAD00000001.csv.gz").write_bytes(gzip.compress(b"", mtime=0))
    configuration.write_orders(folder)
    (folder / _ANSWERS).write_text(json.dumps([asdict(answer) for answer in answers]))


def _window(duck: "DuckDBPyConnection", folder: Path, begin: datetime, where: str) -> None:
    """Write the events and the changes of a window, a file each, as Firehose and DMS name them.

    `where`: which of them, over `{stamp}`, the time of an event and of a change's commit.
    """
    events, changes = folder / "events" / f"{begin:%Y/%m/%d/%H}", folder / "cdc"
    for place in (events, changes):
        place.mkdir(parents=True, exist_ok=True)
    rows = _EVENTS.format(where=where.format(stamp="occurred"))
    duck.execute(
        f"copy ({rows}) to '{events}/shop-1-{begin:%Y-%m-%d-%H-%M}.gz' (format json, compression gzip)"
    )
    base = int((begin - datetime(1970, 1, 1)).total_seconds()) * 10_000_000
    rows = _CHANGES.format(where=where.format(stamp="committed"), base=base)
    duck.execute(
        f"copy ({rows}) to '{changes}/{begin:%Y%m%d-%H%M%S}000.csv.gz'"
        " (format csv, header false, nullstr 'NULL', compression gzip)"
    )


def _store(duck: "DuckDBPyConnection", folder: Path, end: datetime) -> None:
    folder.mkdir(parents=True)
    duck.execute(f"copy ({_STORE.format(end=end)}) to '{folder}/orders.parquet' (format parquet)")


def _answer(duck: "DuckDBPyConnection", end: datetime) -> Answer:
    found = duck.execute(_ANSWER.format(end=end)).fetchone()
    assert found is not None
    return Answer(*found)
