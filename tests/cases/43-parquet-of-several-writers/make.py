"""Three files of one snapshot, as three writers would leave them."""

import os

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = "store/dt=2026-03-02"
SECOND = 1772352000
os.makedirs(f"{FOLDER}/late", exist_ok=True)


def write(name: str, k: pa.Array, n: pa.Array, at: pa.Array, **more: pa.Array) -> None:
    pq.write_table(pa.table({"k": k, "n": n, "at2": at, **more}), f"{FOLDER}/{name}")


write(
    "part-0.parquet",
    pa.array([1], pa.int32()),
    pa.array([7], pa.int8()),
    pa.array([SECOND * 10**6], pa.timestamp("us")),
)
write(
    "part-1",
    pa.array([2]),
    pa.array([8], pa.uint64()),
    pa.array([SECOND * 10**9 + 1001], pa.timestamp("ns")),
    note=pa.array(["b"]).dictionary_encode(),
)
write(
    "late/part-2.snappy.parquet",
    pa.array([3]),
    pa.array([9]),
    pa.array([SECOND * 10**3], pa.timestamp("ms", tz="UTC")),
    note=pa.array([None], pa.string()),
)
