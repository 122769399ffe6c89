"""R5: changes of one commit stamp stand in the order of their files, in whatever folders of dates."""

from collections import defaultdict
from datetime import datetime
from itertools import product

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.dedupe.positions import of_change
from jobs.spark.rows import frame_of

# DatePartitionSequence and DatePartitionDelimiter of an endpoint.
SEQUENCES = {
    "YYYYMMDD": ("%Y", "%m", "%d"), "YYYYMMDDHH": ("%Y", "%m", "%d", "%H"), "YYYYMM": ("%Y", "%m"),
    "MMYYYYDD": ("%m", "%Y", "%d"), "DDMMYYYY": ("%d", "%m", "%Y"),
}  # fmt: skip
DELIMITERS = {"SLASH": "/", "DASH": "-", "UNDERSCORE": "_", "NONE": ""}
# Each later than the one before, over the end of an hour, a day, a month and a year.
TIMES = [
    datetime(2025, 12, 31, 23, 59, 59), datetime(2026, 1, 1), datetime(2026, 1, 31, 9),
    datetime(2026, 1, 31, 10), datetime(2026, 2, 1), datetime(2026, 11, 2), datetime(2026, 11, 3),
    datetime(2027, 1, 1),
]  # fmt: skip


def _file(sequence: tuple[str, ...], delimiter: str, at: datetime) -> str:
    return f"raw/shop/orders/{at:{delimiter.join(sequence)}}/{at:%Y%m%d-%H%M%S}000.csv"


def test_r5_files_stand_in_their_order_in_every_order_of_date_folders(spark: SparkSession) -> None:
    layouts = [*product(SEQUENCES, DELIMITERS)]
    rows = [
        {"layout": "-".join(each), "nth": nth, "row_number": row, "file": file}
        for each in layouts
        for nth, at in enumerate(TIMES)
        for file in [_file(SEQUENCES[each[0]], DELIMITERS[each[1]], at)]
        for row in (9, 10)
    ]
    frame = frame_of(spark, rows, "layout string, nth int, row_number bigint, file string")
    placed = frame.withColumn("position", of_change(F.lit("1"))).orderBy("layout", "position").collect()
    in_order = defaultdict(list)
    for row in placed:
        in_order[row["layout"]].append((row["nth"], row["row_number"]))
    wanted = [(nth, row) for nth in range(len(TIMES)) for row in (9, 10)]
    assert in_order == {"-".join(each): wanted for each in layouts}
