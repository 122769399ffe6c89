"""`jobs.open`: tables, states at an instant, discrepancies as frames; mistakes as errors of the one tree."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from pyspark.sql import DataFrame

import jobs
from jobs.api import Opened
from jobs.errors import ConfigError, InputError
from jobs.lake.tables import OF_DATASETS, OF_SOURCES


@pytest.fixture
def opened(parcels: tuple[Path, list[str]]) -> Iterator[Opened]:
    with chdir(parcels[0]):
        yield jobs.open("parcels/conf")


def _rows(frame: DataFrame, *columns: str) -> set[tuple[object, ...]]:
    return {tuple(row) for row in frame.select("carrier", "number", *columns).collect()}


def test_importing_the_package_loads_nothing_else() -> None:
    heavy = "{'pyspark', 'pydantic', 'boto3', 'deltalake', 'great_expectations'}"
    told = subprocess.run(
        [sys.executable, "-c", f"import sys, jobs; print({heavy} & set(sys.modules))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "set()"


def test_discrepancies_are_listed_by_status(opened: Opened) -> None:
    assert _rows(opened.discrepancies("parcels"), "kind", "fault") == {
        ("DX", 2, "mismatch", "store"),
        ("QM", 1, "stale", "processor"),
        ("QM", 2, "undeleted", "capture"),
    }
    assert opened.discrepancies("parcels", "unjudged").isEmpty()
    assert opened.discrepancies("parcels", None).count() == 3


def test_a_state_is_folded_as_of_the_instant(opened: Opened) -> None:
    latest = _rows(opened.state("parcels", "events").selectExpr("*", "string(fee) f"), "f", "_deleted")
    assert {("DX", 2, "6.40", False), ("QM", 2, None, True)} < latest
    early = opened.state("parcels", "events", "2026-03-01T09:12:30Z").selectExpr("*", "string(fee) f")
    assert _rows(early, "f", "status") == {
        ("DX", 1, "4.90", "ACCEPTED"),
        ("DX", 2, "4.90", "ACCEPTED"),
        ("QM", 1, "7.20", "ACCEPTED"),
    }
    assert early.columns[:-1] == opened.state("parcels", "events").columns


def test_tables_are_those_of_datasets_and_of_sources(opened: Opened) -> None:
    assert opened.table("parcels", "reconciliations").where("leg = 'total'").count() == 1
    assert opened.table("parcels_events", "records").count() == 9


def test_every_table_can_be_opened_before_it_has_rows(opened: Opened) -> None:
    never_run = Opened(opened.project.model_copy(update={"lake": f"{opened.project.lake}/nothing"}))
    for name, known in (("parcels", OF_DATASETS), ("parcels_events", OF_SOURCES)):
        for table in known:
            there, not_yet = opened.table(name, table), never_run.table(name, table)
            assert not_yet.isEmpty()
            columns = {f.name: f.dataType.simpleString() for f in not_yet.schema}
            assert columns == {f.name: f.dataType.simpleString() for f in there.schema}, table
    assert opened.table("parcels", "decisions").isEmpty(), "nobody has decided anything"
    assert never_run.discrepancies("parcels").isEmpty()
    for at in (None, "2026-03-01T09:12:30Z"):
        assert never_run.state("parcels", "events", at).isEmpty()
    assert never_run.state("parcels", "events").columns == opened.state("parcels", "events").columns


def test_a_run_that_had_finished_commits_nothing(opened: Opened) -> None:
    again = opened.run("parcels")
    assert (again.commits, again.counts["discrepant"]) == (0, 3)


def test_a_key_is_explained(opened: Opened) -> None:
    told = opened.explain("parcels", {"carrier": "QM", "number": 1})
    assert (told.verdict.kind, told.verdict.fault) == ("stale", "processor")


@pytest.mark.parametrize(
    ("ask", "error", "said"),
    [
        (lambda lake: lake.table("parcel", "runs"), ConfigError, "parcels"),
        (lambda lake: lake.table("parcels", "run"), ConfigError, "parcels has no table run; .*, decisions, "),
        (lambda lake: lake.table("parcels", "records"), ConfigError, "parcels has no table records; "),
        (
            lambda lake: lake.table("parcels_events", "runs"),
            ConfigError,
            "tables are ingested_files, records, r",
        ),
        (lambda lake: lake.state("parcels", "target"), ConfigError, "events, changes"),
        (lambda lake: lake.state("parcels", "events", "yesterday"), ConfigError, "yesterday"),
        (lambda lake: lake.discrepancies("parcels", "closed"), ConfigError, "resolved"),
        (lambda lake: lake.run("parcels", "2026-03-01T00:00:00Z"), InputError, "2026-03-01"),
    ],
)
def test_a_mistake_is_told_with_what_there_is(
    opened: Opened, ask: object, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        ask(opened)  # type: ignore[operator]
