"""Stamps name the same instant in every session; what is no stamp names none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from jobs.dialects.instants import instant

CASES: dict[str, datetime | None] = {
    "2026-01-01T00:00:00Z": datetime(2026, 1, 1, tzinfo=UTC),
    "2026-01-01t00:00:00z": datetime(2026, 1, 1, tzinfo=UTC),
    " 2026-01-01T00:00:00.5Z ": datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC),
    "2026-01-01T00:00:00.123456000Z": datetime(2026, 1, 1, 0, 0, 0, 123_456, tzinfo=UTC),
    "2026-01-01T00:00:00.123456789Z": None,
    "2026-01-01T02:00+02:00": datetime(2026, 1, 1, tzinfo=UTC),
    # The clock of the zone goes from 02:00 to 03:00, and from 03:00 back to 02:00.
    "2026-03-29 01:59:59.999999": datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC),
    "2026-03-29 02:00:00": None,
    "2026-03-29 02:30:00": None,
    "2026-03-29 02:30:00Z": datetime(2026, 3, 29, 2, 30, tzinfo=UTC),
    "2026-03-29 03:00:00": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "2026-10-25 02:00:00": datetime(2026, 10, 25, tzinfo=UTC),
    "2026-10-25 02:30:00": datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    "2026-10-25 02:30:00+01:00": datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    "2026-10-25 03:00:00": datetime(2026, 10, 25, 2, tzinfo=UTC),
    "2026-01-01T02:00:00+02:00": datetime(2026, 1, 1, tzinfo=UTC),
    "2026-01-01 02:00:00+02": datetime(2026, 1, 1, tzinfo=UTC),
    "2025-12-31T19:00:00-0500": datetime(2026, 1, 1, tzinfo=UTC),
    "2026-01-01 01:00:00.000001": datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC),
    "2026-07-01T02:00:00": datetime(2026, 7, 1, tzinfo=UTC),
    "2024-02-29T00:00:00Z": datetime(2024, 2, 29, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    "2025-02-29T00:00:00Z": None,
    "2026-01-01T24:00:00Z": None,
    "2026-01-01T23:59:60Z": None,
    "2026-01-01": None,
    "2026": None,
    "12:00": None,
    "12:00:00": None,
    "infinity": None,
    "now": None,
    "1767225600": None,
    "": None,
}


@pytest.fixture(scope="module", params=["UTC", "America/New_York"])
def micros(spark: SparkSession, request: pytest.FixtureRequest) -> Iterator[dict[str, int | None]]:
    before = spark.conf.get("spark.sql.session.timeZone")
    spark.conf.set("spark.sql.session.timeZone", request.param)
    frame = spark.createDataFrame([(text,) for text in CASES], "text string").coalesce(1)
    rows = frame.select("text", F.unix_micros(instant(F.col("text"), "Europe/Berlin")).alias("at")).collect()
    yield {row["text"]: row["at"] for row in rows}
    spark.conf.set("spark.sql.session.timeZone", str(before))


@pytest.mark.parametrize("text", CASES)
def test_stamps_are_instants_and_nothing_else_is(text: str, micros: dict[str, int | None]) -> None:
    wanted = CASES[text]
    since = (wanted - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) if wanted else None
    assert micros[text] == since
