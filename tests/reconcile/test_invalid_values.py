"""A row as people read it: a stored value that does not fit its column is the text that stands there."""

import json

from pyspark.sql import SparkSession

from jobs.fold import DatasetSchema
from jobs.masking.columns import Masking
from jobs.reconcile.align import align, target_side
from jobs.reconcile.describe import leg_row
from jobs.reconcile.pairs import Comparison
from jobs.settings import Target
from jobs.spark.rows import frame_of
from jobs.target.mapping import target_rows

SHAPE = DatasetSchema(
    ("id",), {"id": "bigint", "n": "int", "price": "decimal(5,2)", "at": "timestamp", "note": "string"}
)
STORED = [
    {"id": "1", "n": 7, "price": "NaN", "at": "infinity", "note": 'a"b,c'},
    {"id": "2", "n": 8, "price": "1.5", "at": "0000-00-00", "note": None},
    {"id": "3", "n": 9, "price": "1.5", "at": None, "note": "NaN"},
]


def test_r1_an_invalid_value_is_shown_as_it_stands(spark: SparkSession) -> None:
    held = frame_of(spark, STORED, "id string, n int, price string, at string, note string")
    columns = {name: name for name in SHAPE.columns}
    target = Target.model_validate({"format": "parquet", "path": "/s", "select": columns})
    side = target_side(target_rows(held, target, SHAPE), SHAPE)
    how = Comparison(SHAPE, {"events": list(columns), "target": list(columns)}, {}, "events")
    aligned = align({"events": side, "target": side}, side.select("id").limit(0), SHAPE)
    shown = aligned.select(
        leg_row("target", how, Masking()).alias("row"),
        leg_row("target", how, Masking(("at",))).alias("masked"),
    )
    rows = {row["id"]: row for row in (json.loads(each["row"]) for each in shown.collect())}
    masked = {row["id"]: row["at"] for row in (json.loads(each["masked"]) for each in shown.collect())}
    assert rows == {
        "1": {"id": "1", "n": 7, "price": "NaN", "at": "infinity", "note": 'a"b,c'},
        "2": {"id": "2", "n": 8, "price": "1.50", "at": "0000-00-00", "note": None},
        "3": {"id": "3", "n": 9, "price": "1.50", "at": None, "note": "NaN"},
    }
    assert masked == {"1": "***", "2": "***", "3": None}
