"""The road in DuckDB, two threads: `python -m bench.road.duck FOLDER` prints seconds a stage and the answer.

It is what somebody picks whose data fits one machine. Nothing is kept but tables in memory.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from bench.road.orders import Answer, connection

_STAGES = {
    "ingest": (
        """create table event_records as select id, type, time::timestamp as time,
             (data->>'order_id')::bigint as order_id, (data->>'version')::int as version, data
           from read_json('events/**/*.gz', format = 'newline_delimited', columns = {specversion: 'varchar',
             id: 'varchar', source: 'varchar', type: 'varchar', time: 'varchar', data: 'json'})""",
        """create table change_records as select * from read_csv('cdc/2*.csv.gz', auto_detect = false,
             delim = ',', quote = '"', escape = '"', header = false, nullstr = 'NULL', columns = {
               op: 'varchar', committed_at: 'timestamp', seq: 'decimal(35,0)', order_id: 'bigint',
               customer_id: 'int', status: 'varchar', amount_cents: 'bigint', currency: 'varchar',
               note: 'varchar', channel: 'varchar', country: 'varchar', qty: 'int',
               discount: 'decimal(6,3)', created_at: 'timestamp', updated_at: 'timestamp'})""",
    ),
    "dedupe": (
        """create table events as from event_records
           qualify row_number() over (partition by id order by version) = 1""",
        """create table changes as select distinct on (order_id, seq, op) * from change_records""",
    ),
    "state": (
        """create table event_state as
           with folded as (select order_id, max(case when type = 'OrderPlaced' then data end) as placed,
               arg_max(case type when 'OrderPlaced' then 'PLACED' when 'OrderPaid' then 'PAID' else 'SHIPPED'
                 end, version) filter (type <> 'OrderAdjusted') as status,
               sum(case when type = 'OrderAdjusted' then (data->>'delta')::decimal(12,2) end) as adjusted,
               min(time) as created_at, arg_max(time, version) as updated_at
             from events group by order_id)
           select order_id, (placed->>'customer_id')::int as customer_id, status,
             (((placed->>'amount')::decimal(12,2) + coalesce(adjusted, 0)) * 100)::bigint as amount_cents,
             placed->>'currency' as currency, placed->>'note' as note, placed->>'channel' as channel,
             placed->>'country' as country, (placed->>'qty')::int as qty,
             (placed->>'discount')::decimal(6,3) as discount, created_at, updated_at from folded""",
        """create table change_state as select order_id, customer_id, status, amount_cents, currency, note,
             channel, country, qty, discount, created_at, updated_at
           from changes qualify row_number() over (partition by order_id order by seq desc) = 1""",
    ),
}
_ROW = (
    "(x.customer_id, x.status, x.amount_cents, x.currency, x.note, x.channel, x.country, x.qty, x.discount,"
    " x.created_at, x.updated_at)"
)
_COMPARED = """
with store as (select * exclude (state), state as status from read_parquet('store/**/*.parquet'))
select count(*) filter (where same_logs and same_store), count(*) filter (where same_logs and not same_store)
from (
  select e.order_id is not null and c.order_id is not null and {e} is not distinct from {c} as same_logs,
    e.order_id is not null and t.order_id is not null and {e} is not distinct from {t} as same_store
  from event_state e full join change_state c on e.order_id = c.order_id
    full join store t on coalesce(e.order_id, c.order_id) = t.order_id)
"""


def road(folder: Path) -> tuple[dict[str, float], Answer]:
    """Read the files, deduplicate, fold both legs, compare three ways."""
    stages: dict[str, float] = {}
    with connection(folder) as duck:
        duck.execute(f"set file_search_path = '{folder}'")
        for stage, statements in _STAGES.items():
            began = time.perf_counter()
            for sql in statements:
                duck.execute(sql)
            stages[stage] = time.perf_counter() - began
        began = time.perf_counter()
        rows = {leg: _ROW.replace("x.", f"{leg}.") for leg in "ect"}
        agree, differ = duck.execute(_COMPARED.format(**rows)).fetchone() or (0, 0)
        stages["reconcile"] = time.perf_counter() - began
    return stages, Answer(agree, differ)


if __name__ == "__main__":
    taken, found = road(Path(sys.argv[1]).resolve())
    print(json.dumps({"stages": taken, **asdict(found)}))
