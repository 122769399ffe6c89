"""R16 to R18: what is known of a leg as a whole, from its changes and the fates of its source's files."""

from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pyspark.sql import SparkSession

from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.legs import evidence_of
from jobs.run.context import RunContext
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from jobs.storage.objects import Objects
from tests.fold.changes import Rows, at, frame, patch, truncate

T, GRACE = 1000, timedelta(seconds=30)
FILES = "path string, status string, kind string, modified_at timestamp, generation int"
READ = {"path": "a", "status": "ingested", "kind": "event", "modified_at": at(10), "generation": 1}
TORN = {**READ, "status": "unreadable"}
SAID = patch(1, 900, note="n")


class WholeLeg(RunContext):
    """A run of which no more is asked than a leg's source."""

    def source(self, leg: str) -> Any:
        return SimpleNamespace(source="shop", load_complete=False, table=None, emptied="suspected")


def run_at(spark: SparkSession, files: list[dict[str, Any]], listed_at: datetime) -> RunContext:
    held = frame_of(spark, files, FILES)
    dataset = SimpleNamespace(
        dataset="orders",
        events=SimpleNamespace(since=None),
        changes=SimpleNamespace(since=None),
        reconcile=SimpleNamespace(grace=GRACE),
    )
    pinned = SimpleNamespace(snapshot=None, as_of=at(T), reached={"shop": False}, listed_at=listed_at)
    return WholeLeg(
        project=cast(Any, SimpleNamespace(lake="lake")),
        dataset=cast(Any, dataset),
        pinned=cast(Any, pinned),
        storage=cast(
            Storage, SimpleNamespace(spark=spark, read={"lake/sources/shop/ingested_files": held}.get)
        ),
        objects=cast(Objects, None),
    )


HEARD = LegEvidence(covers_as_of=False, has_later_changes=False, observed_until=at(900))
DAMAGED = replace(HEARD, damaged=True)
NOTHING = replace(DAMAGED, empty=True, observed_until=at(470))


@pytest.mark.parametrize(
    ("files", "changes", "told"),
    [
        ([READ], [SAID], HEARD),
        ([TORN], [], NOTHING),
        ([{**READ, "status": "vanished"}], [], NOTHING),
        ([{**READ, "records": 0}], [], NOTHING),
        ([READ, {**TORN, "path": "b"}], [SAID], DAMAGED),
        ([READ, {**TORN, "path": "a"}], [SAID], HEARD),
        ([READ], [SAID, patch(2, 1100, note="n")], LegEvidence(observed_until=at(1100))),
        ([READ], [patch(2, 1100, note="n")], LegEvidence(damaged=True, empty=True, observed_until=at(1100))),
        ([READ], [SAID, truncate(2, seconds=1100)], replace(HEARD, has_later_changes=True)),
    ],
    ids=[
        "read", "its only file unreadable", "its only file gone", "its only file empty",
        "one of two unreadable", "unreadable, then read", "beyond T", "only beyond T", "a truncate",
    ],
)  # fmt: skip
def test_a_leg_as_a_whole(
    files: list[dict[str, Any]], changes: list[Rows], told: LegEvidence, spark: SparkSession
) -> None:
    run = run_at(spark, files, at(500))
    assert evidence_of(run, {"events": frame(spark, changes)}) == {"events": told}


LOAD, LOG = {**READ, "path": "l", "kind": "load"}, {**READ, "kind": "change", "modified_at": at(20)}
ROW = {**patch(1, 50, note="n"), "kind": "load"}


@pytest.mark.parametrize(
    ("files", "changes", "told"),
    [
        ([LOAD, LOG], [ROW, SAID], (None, True, False)),
        ([LOAD, LOG], [SAID], (None, True, False)),
        ([LOAD], [SAID], (None, True, True)),
        ([LOAD, LOG], [{**ROW, "occurred_at": at(T + 1)}, SAID], (None, True, True)),
        ([LOG], [SAID], (at(900), False, False)),
    ],
    ids=["loaded", "a load of nothing", "no log yet", "T within the load", "never loaded"],
)
def test_r17_since_when_a_change_log_speaks(
    files: list[dict[str, Any]], changes: list[Rows], told: tuple[Any, ...], spark: SparkSession
) -> None:
    found = evidence_of(run_at(spark, files, at(500)), {"changes": frame(spark, changes)})["changes"]
    assert (found.since, found.loaded, found.loading) == told


def test_r16d_a_listing_reaches_as_far_as_its_grace_allows(spark: SparkSession) -> None:
    run = run_at(spark, [READ], at(980))
    assert evidence_of(run, {"events": frame(spark, [SAID])})["events"].observed_until == at(950)
