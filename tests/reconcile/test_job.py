"""Reconcile on a lake: a person's word and the repairs under way are seen; an older T moves no life."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from jobs import pipeline
from jobs.errors import GateFailedError
from jobs.fold import DatasetSchema
from jobs.lake.tables import COMPENSATIONS
from jobs.run.context import StageResult
from jobs.run.decision_inbox import decide
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.builders.parcels import NAME, Parcels, copied

T = datetime(2026, 3, 2, tzinfo=UTC)
MOVED = ("reconciliations", "column_statistics")
STILL = ("discrepancies", "discrepancy_history", "verdicts", "compensations", "decisions")


@dataclass(frozen=True)
class Place(Parcels):
    """A copy of the README's lake, judged as of T, and what reconcile says of it now."""

    result: StageResult


@pytest.fixture(scope="module")
def place(
    parcels: tuple[Path, list[str]], spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("reconcile")
    with copied(parcels[0], folder) as dataset:
        dataset.write_text(dataset.read_text() + "gate: {minimum: 0}\n")
        lake = Parcels(Storage(spark))
        project = lake.project
        [(id_,)] = lake.rows("discrepancies", "carrier = 'QM' AND number = 1", "discrepancy_id")
        decide(project, NAME, "waive", [id_], "ann", "it is known")
        schema = table_schema(COMPENSATIONS, DatasetSchema.of(project.datasets[NAME]))
        late = T + timedelta(hours=1)
        repairs = [
            {"carrier": "ZZ", "number": 9, "status": "published"},
            {"carrier": "ZZ", "number": 8, "status": "confirmed"},
            {"carrier": "DX", "number": 2, "status": "applied", "applied_at": late},
            {"carrier": "QM", "number": 2, "status": "refused", "applied_at": late},
        ]
        lake.storage.append(frame_of(spark, repairs, schema), lake.path("compensations"), "test", 1)
        yield Place(lake.storage, pipeline.run_stage(project, NAME, "reconcile"))


def test_r14_a_key_with_an_unconfirmed_repair_is_seen(place: Place) -> None:
    # Four keys that a leg names, and one that is absent from all, which is agreement.
    counts = {name: n for name, n in place.result.counts.as_dict().items() if n}
    assert counts == {"keys_seen": 5, "matched": 2, "discrepant": 2, "pending": 1}


def test_r16d_a_repair_that_a_leg_cannot_show_yet_is_in_flight(place: Place) -> None:
    seen = place.rows("discrepancies", "true", "carrier", "number", "status", "run_id")
    (own, *_) = seen
    assert own[:3] == ("DX", 2, "open")
    assert {row[3] for row in seen if row[3] != own[3]} != set(), "it was not judged, and stays as it was"


def test_r22_a_waiver_of_the_inbox_is_taken_in_and_heard(place: Place) -> None:
    ((decision,),) = place.rows("decisions", "true", "decision_id")
    waived = ("QM", 1, "waived", decision)
    assert waived in place.rows("discrepancies", "true", "carrier", "number", "status", "last_decision")
    assert ("waived", 1) in place.rows("discrepancy_history", "true", "status", "episode")
    assert "decisions" in place.result.wrote


def test_verdicts_hold_what_is_discrepant_and_open(place: Place) -> None:
    columns = ("carrier", "number", "kind", "fault", "truth", "other.fee", "other.status", "copies", "later")
    (only,) = place.rows("verdicts", "true", *columns)
    assert [*map(str, only)] == ["QM", "2", "undeleted", "capture", "None", "3.00", "ACCEPTED", "0", "None"]


def test_r23_an_older_t_is_counted_and_moves_no_life(place: Place) -> None:
    store = Path("parcels/store")
    shutil.copytree(store / "dt=2026-03-02", store / "dt=2026-03-01")
    moved, still = place.versions(*MOVED), place.versions(*STILL)
    # Before the logs begin there is nothing to judge by, of which the gates tell; what was counted stands.
    with pytest.raises(
        GateFailedError, match=r"The events leg holds no row as of T, where another leg holds 3"
    ):
        pipeline.run_stage(place.project, NAME, "reconcile", T - timedelta(days=1))
    assert place.versions(*MOVED) == {table: (version or 0) + 1 for table, version in moved.items()}
    assert place.versions(*STILL) == still
