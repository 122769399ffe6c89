"""The store's rows as they are held -> rows in the dataset's columns (R1, R13a)."""

from decimal import Decimal
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import BooleanType, StringType, StructField, StructType

from jobs.errors import InputError
from jobs.fold import DatasetSchema
from jobs.settings import Target
from jobs.spark.rows import frame_of
from jobs.target.mapping import refuse_missing, target_rows

SHAPE = DatasetSchema(
    ("id",), {"id": "bigint", "status": "string", "amount": "decimal(12,2)", "note": "string"}
)
STORE = "order_no string, detail struct<state: string>, amount string, tenant string, gone boolean"


def target(**more: Any) -> Target:
    select = {"id": "order_no", "status": "detail.state", "amount": "amount"}
    return Target.model_validate(
        {
            "format": "parquet",
            "path": "/store/",
            "select": select,
            "as_of": {"at": "2026-01-01T00:00:00Z"},
            **more,
        }
    )


def row(
    id: str, amount: str | None = "1.50", tenant: str | None = "eu", gone: bool | None = False
) -> dict[str, Any]:
    return {"order_no": id, "detail": {"state": "PAID"}, "amount": amount, "tenant": tenant, "gone": gone}


def test_rows_in_the_datasets_columns(spark: SparkSession) -> None:
    rows = [row("1"), row("1"), row("2", None), row("3", "1.505"), row("4", "x")]
    found = target_rows(frame_of(spark, rows, STORE), target(), SHAPE).orderBy("id").collect()
    assert [(r["id"], r["amount"]) for r in found] == [
        (1, Decimal("1.50")), (1, Decimal("1.50")), (2, None), (3, None), (4, None),
    ]  # fmt: skip
    misfits = {r["id"]: [tuple(m) for m in r["_misfits"]] for r in found}
    assert misfits == {1: [], 2: [], 3: [("amount", "1.505")], 4: [("amount", "x")]}
    assert {(r["status"], r["note"]) for r in found} == {("PAID", None)}, "what it does not cover is null"


def test_r13a_rows_that_are_not_ours_or_deleted_are_left_out(spark: SparkSession) -> None:
    rows = [row("1"), row("2", tenant="us"), row("3", tenant=None), row("4", gone=True), row("5", gone=None)]
    ours = target(where="tenant = 'eu'", deleted="gone")
    found = target_rows(frame_of(spark, rows, STORE), ours, SHAPE).collect()
    assert sorted(r["id"] for r in found) == [1, 5]


ODD = ["device.id", "device", "Last Seen", "order", "No.", "o`k", "it's", "select", "größe"]


def test_names_are_names_in_select_where_and_deleted(spark: SparkSession) -> None:
    schema = StructType(
        [
            StructField("id", StringType()),
            *(StructField(name, StringType()) for name in ODD if name != "device"),
            StructField(
                "device", StructType([StructField("id", StringType()), StructField("x", StringType())])
            ),
            StructField("is.ours", BooleanType()),
            StructField("is gone", BooleanType()),
        ]
    )
    values = [f"<{name}>" for name in ODD if name != "device"]
    rows = [
        (str(n), *values, ("WRONG", "inner"), ours, gone)
        for n, (ours, gone) in enumerate([(True, False), (False, False), (True, True), (None, None)])
    ]
    shape = DatasetSchema(("id",), {"id": "bigint", **{f"c{n}": "string" for n in range(len(ODD) + 1)}})
    paths = [name if name != "device" else "device.x" for name in ODD]
    select = {"id": "id", **{f"c{n}": path for n, path in enumerate([*paths, "`device.id`"])}}
    ours = target(select=select, where="is.ours", deleted="is gone")
    (found,) = target_rows(spark.createDataFrame(rows, schema), ours, shape).collect()
    expected = [f"<{name}>" if name != "device" else "inner" for name in ODD]
    assert [found[f"c{n}"] for n in range(len(ODD) + 1)] == [*expected, "<device.id>"]


def test_a_column_that_is_not_there_is_named(spark: SparkSession) -> None:
    select = {"id": "order_no", "amount": "price"}
    with pytest.raises(InputError, match=r"has no column `price` \(target\.select\.amount\)"):
        target_rows(frame_of(spark, [], STORE), target(select=select), SHAPE)


@pytest.mark.parametrize(
    ("settings", "setting", "column", "nearest"),
    [
        ({"select": {"id": "order_no", "status": "detial.state"}}, "select.status", "detial", "detail"),
        ({"select": {"id": "order_no", "note": {"sql": "amout / 1"}}}, "select.note.sql", "amout", "amount"),
        ({"where": "TENANT = 'eu' AND gon"}, "where", "gon", "gone"),
        ({"deleted": "gone_at"}, "deleted", "gone_at", "gone"),
        ({"deleted": {"sql": "tennant IS NULL"}}, "deleted.sql", "tennant", "tenant"),
    ],
)  # fmt: skip
def test_a_column_that_the_snapshot_lacks_is_told_with_setting_and_nearest_name(
    spark: SparkSession, settings: dict[str, Any], setting: str, column: str, nearest: str
) -> None:
    with pytest.raises(InputError) as error:
        target_rows(frame_of(spark, [], STORE), target(**settings), SHAPE, "s3://lake/dt=2026-01-01/")
    assert str(error.value) == (
        f"The snapshot s3://lake/dt=2026-01-01/ has no column `{column}` (target.{setting}); "
        f"did you mean `{nearest}`? Its columns are order_no, detail, amount, tenant, gone: "
        "correct the setting or the store, or name in target.without what the store does not hold."
    )


def test_every_column_that_is_missing_is_told_at_once(spark: SparkSession) -> None:
    wrong = target(where="quarter = 'x'", deleted={"sql": "dropped", "write": {"anything": "true"}})
    with pytest.raises(InputError) as error:
        target_rows(frame_of(spark, [], STORE), wrong, SHAPE)
    assert str(error.value).startswith(
        "The snapshot /store/ has no column `quarter` (target.where). "
        "It has no column `dropped` (target.deleted.sql). Its columns are order_no,"
    )


def test_columns_that_readers_add_and_names_within_sql_are_not_missed(spark: SparkSession) -> None:
    fine = {"sql": "aggregate(transform(array(tenant), x -> x), '', (all, x) -> all || x || detail.state)"}
    where = "current_date > date'2020-01-01' AND (_metadata.file_name IS NULL OR true)"
    refuse_missing(frame_of(spark, [], STORE), target(select={"id": "order_no", "note": fine}, where=where))
