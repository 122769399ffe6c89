"""Writes the snapshot as `df.write.partitionBy("shop")` does: the value is only in the name of the folder."""

import os

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = {"0042": [("A", 5), ("B", 7)], "1200": [("A", 2), ("B", 40)], "12E3": [("A", 9)]}
for shop, rows in ROWS.items():
    folder = f"store/dt=2026-03-02/shop={shop}"
    os.makedirs(folder, exist_ok=True)
    pq.write_table(
        pa.table({"sku": [r[0] for r in rows], "qty": pa.array([r[1] for r in rows], pa.int32())}),
        f"{folder}/part-00000.parquet",
    )
open("store/dt=2026-03-02/_SUCCESS", "w").close()
