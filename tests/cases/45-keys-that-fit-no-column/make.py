"""The store of `lines`, as pandas writes one: stamps in nanoseconds are a part of the key."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HOUR = 1_772_348_400_000_000_000  # 2026-03-01 07:00:00 UTC
ROWS = [(1, HOUR + 1_000), (1, HOUR + 1_001), (1, HOUR + 1_002), (1, None), (2, HOUR + 999)]

orders, stamps = zip(*ROWS, strict=True)
columns = {
    "order_id": pa.array(orders, pa.int64()),
    "at": pa.array(stamps, pa.timestamp("ns", "UTC")),
    "status": pa.array(["PAID"] * len(ROWS)),
}
Path("store/lines").mkdir(parents=True)
pq.write_table(pa.table(columns), "store/lines/part-0.parquet", version="2.6")
