"""R16: a key in flight at so many T running -> whether it is hot, and so no longer waited for."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from jobs.reconcile.judge import _with_heat
from jobs.spark.rows import frame_of
from tests.fold.changes import at
from tests.reconcile.keys import How

T, GRACE = 1000, 60
REASONED = "id string, _invalid_key string, pending string, stale_since timestamp"
BEFORE = "id string, key string, grace_streak int, as_of timestamp"
# At how many T running it was in flight, the last of them; why it waits now; since when the store is stale.
CASES: dict[str, tuple[int | None, int, str | None, int | None, bool]] = {
    "for the first time": (None, 900, "grace", None, False),
    "for the second": (1, 900, "grace", None, False),
    "for the third": (2, 900, "grace", None, True),
    "for the third, judged again": (3, T, "grace", None, True),
    "for the second, judged again": (2, T, "grace", None, False),
    "not running": (0, 900, "grace", None, False),
    "waits for another reason": (2, 900, "late", None, False),
    "does not wait": (2, 900, None, None, False),
    "at rest, as truth was at the grace's beginning": (2, 900, "grace", T - GRACE, False),
    "stale for longer than the grace": (2, 900, "grace", T - GRACE - 1, True),
}


@pytest.fixture(scope="module")
def hot(spark: SparkSession) -> dict[str, bool]:
    """Whether each is hot, in one job."""
    reasoned = [
        {"id": name, "pending": pending, "stale_since": None if stale is None else at(stale)}
        for name, (_, _, pending, stale, _) in CASES.items()
    ]
    before = [
        {"id": name, "key": json.dumps({"id": name}), "grace_streak": streak, "as_of": at(as_of)}
        for name, (streak, as_of, *_) in CASES.items()
        if streak is not None
    ]
    sides = SimpleNamespace(
        comparison=How().comparison, before=frame_of(spark, before, BEFORE), at=at(T),
        grace=timedelta(seconds=GRACE),
    )  # fmt: skip
    judged = _with_heat(frame_of(spark, reasoned, REASONED), cast(Any, sides))
    return {row["id"]: row["hot"] for row in judged.collect()}


@pytest.mark.parametrize("name", CASES)
def test_r16_what_is_in_flight_at_three_t_running_is_hot(name: str, hot: dict[str, bool]) -> None:
    assert hot[name] is CASES[name][-1]
