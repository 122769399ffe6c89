"""The instant that stands in the rows: one over all that are ours, whatever its type, or a sentence."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from jobs.errors import InputError
from jobs.settings import Target
from jobs.target.stamp import instant_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = datetime(2026, 11, 23, 6, tzinfo=UTC)
STAMP = "timestamp'2026-11-23T06:00:00Z'"


def target(column: str = "at", **more: Any) -> Target:
    return Target.model_validate({"format": "csv", "path": "/store", "as_of": {"column": column}, **more})


@pytest.mark.parametrize(
    ("rows", "said", "expected"),
    [
        (f"SELECT * FROM VALUES (1, {STAMP}), (2, {STAMP}) AS t(id, at)", {}, T),
        (f"SELECT * FROM VALUES ({STAMP}), (timestamp'2026-11-23T07:00:00+01:00') AS t(at)", {}, T),
        ("SELECT timestamp_ntz'2026-11-23 06:00:00' AS at", {}, T),
        ("SELECT timestamp_ntz'2026-11-23 07:00:00' AS at", {"timezone": "Europe/Berlin"}, T),
        ("SELECT date'2026-11-23' AS at", {}, datetime(2026, 11, 23, tzinfo=UTC)),
        ("SELECT * FROM VALUES ('2026-11-23T06:00:00Z'), ('2026-11-23 06:00:00.000') AS t(at)", {}, T),
        ("SELECT timestamp'2026-11-23T06:00:00.123456Z' AS at", {}, T.replace(microsecond=123456)),
        (f"SELECT {STAMP} AS `Taken At`", {"as_of": {"column": "taken at"}}, T),
        (f"SELECT named_struct('taken', {STAMP}) AS meta", {"as_of": {"column": "meta.taken"}}, T),
        (
            f"SELECT * FROM VALUES (7, {STAMP}), (8, timestamp'2020-01-01T00:00:00Z'), (8, NULL)"
            " AS t(tenant, at)",
            {"where": "tenant = 7"},
            T,
        ),
    ],
)
def test_one_instant_in_all_rows_that_are_ours_is_t(
    spark: "SparkSession", rows: str, said: dict[str, Any], expected: datetime
) -> None:
    assert instant_of(spark.sql(rows), target(**said), "/store/") == expected


@pytest.mark.parametrize(
    ("rows", "said", "text"),
    [
        (
            f"SELECT * FROM VALUES ({STAMP}), (timestamp'2026-11-22T00:00:00Z'), ({STAMP}) AS t(at)",
            {},
            "its column at holds several instants, such as 2026-11-22T00:00:00Z and 2026-11-23T06:00:00Z; "
            "write a snapshot of one instant, or say in target.where which rows are ours.",
        ),
        (f"SELECT * FROM VALUES ({STAMP}), (NULL) AS t(at)", {}, "says no instant in 1 of 2 rows (null)"),
        ("SELECT CAST(NULL AS string) AS at", {}, "says no instant in 1 of 1 rows (null)"),
        ("SELECT * FROM VALUES ('2026-11-23'), ('soon') AS t(at)", {}, "holds 'soon', which is no instant"),
        ("SELECT 20261123 AS at", {}, "holds '20261123', which is no instant"),
        (f"SELECT {STAMP} AS at WHERE false", {}, "says no instant, for there is no row"),
        (f"SELECT 8 AS tenant, {STAMP} AS at", {"where": "tenant = 7"}, "for there is no row"),
        (
            f"SELECT 1 AS id, {STAMP} AS taken_at",
            {"as_of": {"column": "take_at"}},
            "has no column take_at (target.as_of.column); did you mean taken_at? Its columns are id, ",
        ),
    ],
)
def test_no_instant_or_several_are_a_sentence(
    spark: "SparkSession", rows: str, said: dict[str, Any], text: str
) -> None:
    with pytest.raises(InputError) as raised:
        instant_of(spark.sql(rows), target(**said), "/store/")
    assert text in str(raised.value)
    assert str(raised.value).startswith("The target /store/") and "\n" not in str(raised.value)
