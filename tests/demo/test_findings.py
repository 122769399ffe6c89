"""Findings: the tables of a run -> what it found, key by key."""

from typing import TYPE_CHECKING

from jobs.demo.entity import ORDER_LINES, ORDERS
from jobs.demo.expected import discrepant, pending, unjudged
from jobs.demo.findings import findings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _write(spark: "SparkSession", path: str, schema: str, rows: list[tuple[object, ...]]) -> None:
    spark.createDataFrame(rows, schema).coalesce(1).write.format("delta").save(path)


def test_open_unjudged_and_pending_keys_are_found_and_resolved_ones_are_not(
    spark: "SparkSession", lake: str
) -> None:
    _write(
        spark, f"{lake}/orders/discrepancies",
        "order_id bigint, status string, kind string, fault string, reason string, "
        "mismatched_columns array<string>, suspect boolean",
        [
            (1, "open", "mismatch", "store", None, ["note", "amount"], True),
            (2, "open", "stale", "capture", None, ["amount"], False),
            (3, "unjudged", None, None, "orphan", None, False),
            (4, "pending", "stale", "processor", "late", ["amount"], False),
            (5, "resolved", "stale", "store", None, None, False),
        ],
    )  # fmt: skip
    found = findings(spark, lake, ORDERS, {"keys_seen": 5})
    assert found.keys == {
        1: discrepant("mismatch", "store", "amount", "note", suspect=True),
        2: discrepant("stale", "capture"),
        3: unjudged("orphan"),
        4: pending("late"),
    }
    assert found.classes == {"keys_seen": 5}


def test_rejects_are_counted_by_source_and_leg_and_conflicts_by_kind_and_key(
    spark: "SparkSession", lake: str
) -> None:
    _write(spark, f"{lake}/sources/shop_events/rejects", "row_number bigint", [(1,), (2,)])
    _write(spark, f"{lake}/orders/rejects", "leg string", [("events",), ("changes",), ("changes",)])
    _write(
        spark,
        f"{lake}/orders/conflicts",
        "kind string, keys array<struct<order_id: bigint, position: string>>",
        [("tie", [(7, "a")]), ("contradiction", [(7, "a"), (8, "b")])],
    )  # fmt: skip
    found = findings(spark, lake, ORDERS, {})
    assert found.rejects == {"shop_events": 2, "orders_changes": 0, "events": 1, "changes": 2}
    assert found.conflicts == {("tie", 7): 1, ("contradiction", 7): 1, ("contradiction", 8): 1}


def test_a_key_of_two_columns_is_found_as_two_numbers(spark: "SparkSession", lake: str) -> None:
    _write(
        spark, f"{lake}/order_lines/discrepancies",
        "order_id bigint, line_no int, status string, kind string, fault string, reason string, "
        "mismatched_columns array<string>, suspect boolean",
        [
            (7, 1, "open", "missing", "store", None, None, False),
            (7, 2, "resolved", "stale", "store", None, None, False),
        ],
    )  # fmt: skip
    _write(spark, f"{lake}/sources/shop_events/rejects", "row_number bigint", [(1,)])
    found = findings(spark, lake, ORDER_LINES, {})
    assert found.keys == {(7, 1): discrepant("missing", "store")}
    assert found.rejects == {"order_lines_changes": 0}, "those of the stream are counted with the orders"
