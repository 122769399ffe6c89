"""One stage alone: what a gate ends, or limits hold, is recorded, and is exit 3 as in a whole run."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs import pipeline
from jobs.errors import GateFailedError
from jobs.run.context import Options
from jobs.spark.delta import Storage
from jobs.validate import job as validate
from tests.builders.command import ended
from tests.builders.parcels import NAME, Parcels, copied

HELD = (
    "1 repair is held: limits.count allows 0; "
    "look at `tieout compensations list parcels --status proposed`: "
    "once one of them is approved or rejected, the next run counts the limits again."
)
TORN = gzip.compress(b"carrier,number\n" * 999)[:-9]


class Place(Parcels):
    """A copy of the README's lake, judged."""

    def recorded(self, before: list[Any]) -> list[tuple[Any, ...]]:
        """What `runs` tells of the stages that it did not hold before."""
        fresh = [row for row in self.rows("runs") if row not in before]
        return [(row["stage"], row["status"], row["error"]) for row in fresh]


@pytest.fixture
def place(parcels: tuple[Path, list[str]], spark: SparkSession, tmp_path: Path) -> Iterator[Place]:
    with copied(parcels[0], tmp_path):
        yield Place(Storage(spark))


def code_of(*words: str) -> int:
    return ended(*words, "-c", "parcels/conf", "-q")


def test_a_failed_gate_is_recorded_and_exit_3(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuses(run: object, result: object) -> None:
        raise GateFailedError("states fail a check.")

    monkeypatch.setattr(validate, "after", refuses)
    before = place.rows("runs")

    assert code_of("state", NAME) == 3

    assert "tieout: states fail a check." in capsys.readouterr().err
    assert place.recorded(before) == [("state", "failed", "states fail a check.")]


def test_limits_that_hold_repairs_are_recorded_and_exit_3(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("parcels/conf/datasets/parcels.yml").open("a") as settings:
        settings.write("compensate: {policy: [{fault: store, approve: auto}], limits: {count: 0}}\n")
    before = place.rows("runs")

    assert code_of("compensate", NAME) == 3

    assert " ".join(capsys.readouterr().err.split()) == f"tieout: {HELD}"
    assert place.recorded(before) == [("compensate", "finished", None)]
    assert {row["status"] for row in place.rows("compensations")} == {"proposed"}
    with pytest.raises(GateFailedError):
        pipeline.run_stage(place.project, NAME, "compensate")
    told = pipeline.run_stage(place.project, NAME, "compensate", options=Options(fail_on="never"))
    assert told.counts.as_dict()["held"] == 1


@pytest.mark.parametrize("stage", ["reconcile", "compensate"])
def test_r18_a_store_that_cannot_be_read_is_kept_as_a_result(place: Place, stage: str) -> None:
    Path("parcels/store/dt=2026-03-02/more.csv.gz").write_bytes(TORN)
    before = place.rows("runs")

    with pytest.raises(GateFailedError, match="cannot be read") as unread:
        pipeline.run_stage(place.project, NAME, stage)

    assert place.recorded(before) == [(stage, "failed", str(unread.value))]
    (found,) = [row.asDict() for row in place.rows("expectation_results") if not row["success"]]
    assert found.pop("run_id") not in {row["run_id"] for row in before}, "another snapshot, another run"
    assert found == {
        "table_name": "target", "table_version": None, "suite": "gate", "column_name": None,
        "expectation": "target_can_be_read", "severity": "critical", "success": False,
        "observed": str(unread.value), "unexpected_count": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("status: status", "status: {sql: upper(status), write: {status: status}}", " (changes)"),
        ("grams: detail.grams", "grams: detail.weight", " (events)"),
        ("grams: int", "grams: bigint", " (key or columns)"),
    ],
)
def test_a_changed_mapping_names_the_leg_and_the_whole_command(
    place: Place, capsys: pytest.CaptureFixture[str], old: str, new: str, part: str
) -> None:
    settings = Path("parcels/conf/datasets/parcels.yml")
    text = settings.read_text()
    assert old in text
    settings.write_text(text.replace(old, new))

    assert code_of("dedupe", NAME) == 2

    command = "tieout run parcels -c parcels/conf"
    assert " ".join(capsys.readouterr().err.split()) == (
        f"tieout: The mapping of parcels has changed{part} since its rows were made: "
        f"`{command} --full` makes them anew from the records, `{command} --accept-from-now` keeps those "
        "that there are and maps what comes from now on."
    )


def test_validate_says_how_the_expectations_fared(place: Place) -> None:
    result = pipeline.run_stage(place.project, NAME, "validate")
    assert result.sentence == f"all {result.rows_in:,} expectations hold."
