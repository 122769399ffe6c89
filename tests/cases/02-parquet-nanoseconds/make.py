"""The file that pandas writes: datetime64[ns], which pyarrow keeps as TIMESTAMP(NANOS)."""

import os

import pyarrow as pa
import pyarrow.parquet as pq

NANOS = [1772352000123456000, 1772357400000000000]
for sub, tz in (("utc", "UTC"), ("naive", None)):
    folder = f"store_{sub}/dt=2026-03-02"
    os.makedirs(folder, exist_ok=True)
    pq.write_table(
        pa.table(
            {
                "id": pa.array([1, 2], pa.int64()),
                "status": ["SHIPPED", "SHIPPED"],
                "shipped_at": pa.array(NANOS, pa.timestamp("ns", tz=tz)),
            }
        ),
        f"{folder}/shipments.parquet",
    )
