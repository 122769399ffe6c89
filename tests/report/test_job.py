"""Job: a lake with the tables of a run -> the page and the JSON, the same in every repetition."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.lake.schema import DatasetSchema
from jobs.masking.columns import Masking
from jobs.report import job
from jobs.report.counts import Count, FaultCount, FileCounts
from jobs.report.model import RunSummary
from jobs.report.render import page
from jobs.run.context import RunContext
from jobs.run.counts import DedupeCounts, KeyCounts
from jobs.spark.delta import Storage
from jobs.spark.schemas import table_schema
from jobs.storage.objects import Objects
from tests.report.reading import read_summary

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from pyspark.sql.types import StructType

T = datetime(2026, 11, 23, tzinfo=UTC)
SHAPE = DatasetSchema(("id",), {"id": "bigint", "v": "string"})
FILES = "kind string, status string, records bigint, accepted bigint, rejected bigint, run_id string"


class SmallRun(SimpleNamespace):
    """As much of a run as the report asks for: dataset `pets`, legs of events alone, run `r1`."""

    def __init__(self, storage: Storage, lake: str) -> None:
        dataset = SimpleNamespace(key=["id"], legs=["events"], reconcile=SimpleNamespace(truth="events"))
        project = SimpleNamespace(lake=lake)
        super().__init__(dataset=dataset, project=project, storage=storage, objects=Objects())
        self.places = Lake(lake)
        self.name, self.run_id, self.as_of, self.failure = "pets", "r1", T, None
        self.deduped = DedupeCounts()
        self.masking = Masking(("v",))

    def source(self, leg: str) -> SimpleNamespace:
        """The source of a leg."""
        return SimpleNamespace(source=f"pet_{leg}")

    def path(self, table: str) -> str:
        """Where a table of the dataset lies."""
        return self.places.dataset("pets", table)

    def source_path(self, source: str, table: str) -> str:
        """Where a table of a source lies."""
        return self.places.source(source, table)


def small_run(spark: "SparkSession", lake: str) -> RunContext:
    """A run over an empty lake."""
    return cast(RunContext, SmallRun(Storage(spark), lake))


def write(context: RunContext, path: str, schema: "StructType | str", *rows: Mapping[str, Any]) -> None:
    """Appends rows to a table of the lake."""
    context.storage.append(context.storage.spark.createDataFrame(list(rows), schema), path, "test", 1)


def fill(context: RunContext) -> None:
    """Writes what a run leaves in which one key of three is missing, and a row of another run beside it."""
    counts = {"keys_seen": 3, "matched": 2, "discrepant": 1, "pending": 0, "unjudged": 0, "out_of_scope": 0}
    leg = {"as_of": T, "leg": "total", "run_id": "r1", "control_totals": "{}", **counts}
    other = {**leg, "keys_seen": 9, "run_id": "r0"}
    write(
        context,
        context.path(tables.RECONCILIATIONS),
        table_schema(tables.RECONCILIATIONS),
        leg,
        {**leg, "leg": "events"},
        other,
    )
    missing = {
        "discrepancy_id": "d1", "dataset": "pets", "key": '{"id":"3"}', "id": 3, "status": "open",
        "episode": 1, "kind": "missing", "fault": "unattributed",
        "events_row": '{"id":"3","v":"<b>"}', "as_of": T, "first_seen_at": T,
        "last_seen_at": T, "times_seen": 1, "run_id": "r1",
    }  # fmt: skip
    write(context, context.path(tables.DISCREPANCIES), table_schema(tables.DISCREPANCIES, SHAPE), missing)
    refused = {"leg": "events", "reasons": ["no key", "v: the secret is no int"], "run_id": "r1"}
    write(
        context,
        context.path(tables.REJECTS),
        table_schema(tables.REJECTS),
        refused,
        {**refused, "run_id": "r0"},
    )
    write(
        context,
        context.source_path("pet_events", tables.REJECTS),
        table_schema(tables.REJECTS),
        {**refused, "leg": None},
    )
    file = {"kind": "event", "status": "ingested", "records": 4, "accepted": 3, "rejected": 1, "run_id": "r1"}
    write(context, context.source_path("pet_events", tables.INGESTED_FILES), FILES, file)


def deduped(context: RunContext, *tries: Mapping[str, int]) -> None:
    """Writes what the dedupe of the run counted, in each of its tries."""
    stage = {"run_id": "r1", "stage": "dedupe", "status": "finished"}
    rows = [
        {**stage, "started_at": T + timedelta(n), "counts": json.dumps(counts)}
        for n, counts in enumerate(tries)
    ]
    write(context, context.path(tables.RUNS), table_schema(tables.RUNS), *rows)


def reported(context: RunContext, lake: str) -> RunSummary:
    """What the job left as JSON."""
    return read_summary(json.loads(Path(lake, "pets", "reports", "r1.json").read_text(encoding="utf-8")))


def test_a_run_is_reported_from_its_tables(spark: "SparkSession", lake: str) -> None:
    run = small_run(spark, lake)
    fill(run)
    result = job.execute(run)
    assert (result.stage, result.rows_in, result.rows_out, result.wrote) == ("report", 3, 1, ())
    found = reported(run, lake)
    assert found.verdict == "pets does not tie out: 1 open, of 3 keys."
    assert found.total == KeyCounts("total", 3, 2, 1, 0, 0, 0)
    assert found.faults == (FaultCount("missing", "unattributed", 1),)
    assert found.rejected == (Count("", 2, "events"),)
    assert found.reject_reasons == (Count("no key", 2, "events"), Count("v: does not fit", 2, "events"))
    assert found.files == (FileCounts("events", "event", "ingested", 1, 4, 3, 1),)
    assert found.samples[0].cells[0].events.text == "<b>"
    html = Path(lake, "pets", "reports", "r1.html").read_text(encoding="utf-8")
    assert html == page(found)


def test_the_same_run_again_writes_the_same_and_commits_nothing(spark: "SparkSession", lake: str) -> None:
    run = small_run(spark, lake)
    fill(run)
    folder, commits = Path(lake, "pets", "reports"), run.storage.commits
    job.execute(run)
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    job.execute(run)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert set(first) == {"r1.html", "r1.json"}
    assert run.storage.commits == commits


def test_fields_that_nothing_reads_stand_on_the_page(spark: "SparkSession", lake: str) -> None:
    run = small_run(spark, lake)
    fill(run)
    deduped(run, {"events.accepted": 9, "events.unknown.data.<b>": 4, "events.unknown_others": 2}, {})
    job.execute(run)
    assert reported(run, lake).unknown_fields == (Count("data.<b>", 4, "events"),)
    assert "data.&lt;b&gt;" in Path(lake, "pets", "reports", "r1.html").read_text(encoding="utf-8")
    # Within a whole run its dedupe is not in `runs` yet.
    cast(SmallRun, run).deduped = DedupeCounts.from_dict({"events.unknown.data.note": 1})
    job.execute(run)
    assert reported(run, lake).unknown_fields == (Count("data.note", 1, "events"),)


def test_a_lake_without_tables_gives_an_empty_report(spark: "SparkSession", lake: str) -> None:
    run = small_run(spark, lake)
    job.execute(run)
    assert reported(run, lake).outcome == "empty"
