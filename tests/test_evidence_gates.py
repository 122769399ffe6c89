"""R18: a run whose evidence fails a gate moves nothing, on the first night as later, and is reported."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs import pipeline
from jobs.errors import GateFailedError
from jobs.fold import DatasetSchema
from jobs.lake.tables import COMPENSATIONS
from jobs.run.context import RunContext, StageResult
from jobs.run.decision_inbox import decide
from jobs.run.outcome import Outcome
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from jobs.validate import job as validate
from tests.builders.parcels import NAME, Parcels, copied

NIGHT = Path("parcels/store/dt=2026-03-03")
BOOKS = ("discrepancies", "discrepancy_history", "verdicts", "compensations")
BAD_EVENT = (
    '{"id":"e9","detail-type":"FeeRaised","time":"2026-03-02T09:00:00Z",'
    '"detail":{"carrier":"DX","number":2,"rev":3,"by":"much"}}\n'
)
STRICT = "gate: {unjudged: 0, rejected: 0, minimum: 0}\n"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LISTING = "tieout discrepancies list parcels --status unjudged -c parcels/conf"


class Shop(Parcels):
    """The README's dataset in a lake of its own."""

    def books(self) -> dict[str, int | None]:
        """The versions of the tables that a failed gate leaves alone."""
        return self.versions(*BOOKS)

    def run(self) -> Outcome:
        return pipeline.run(self.project, NAME, spark=self.storage.spark)

    def stopped(self) -> Outcome:
        """Run, and return the outcome of the run that a gate stopped."""
        before = self.books()
        with pytest.raises(GateFailedError) as failed:
            self.run()
        outcome: Outcome = failed.value.outcome
        assert self.books() == before
        assert (outcome.exit_code, outcome.status, outcome.reason) == (3, "failed", str(failed.value))
        return outcome


@pytest.fixture(scope="module")
def shop(
    parcels: tuple[Path, list[str]], spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """A shop after its first good night, a waiver and two repairs under way; the second export is there."""
    folder, left = tmp_path_factory.mktemp("gates"), ("lake", "ledger.log")
    with copied(parcels[0], folder, "2026-03-04T00:00:00Z", without=left):
        shop = Shop(Storage(spark))
        first_night(shop)
        assert shop.run().exit_code == 0
        (((waived,),)) = (shop.rows("discrepancies", "carrier = 'QM' AND number = 1", "discrepancy_id"),)
        decide(shop.project, NAME, "waive", [waived[0]], "ann", "it is known")
        repair = {
            "discrepancy_id": "d", "episode": 1, "dataset": NAME, "key": "{}", "action": "update",
            "row": "{}",
            "guard": "{}", "write": "{}", "rule": "policy[0]", "proposed_at": NOON, "approved_at": NOON,
            "approved_by": "policy", "published_at": NOON, "attempts": 1, "try_number": 1, "run_id": "r",
        }  # fmt: skip
        schema = table_schema(COMPENSATIONS, DatasetSchema.of(shop.project.datasets[NAME]))
        under_way = [
            {**repair, "carrier": "DX", "number": 2, "compensation_id": "p", "status": "published"},
            {**repair, "carrier": "QM", "number": 2, "compensation_id": "a", "status": "applied",
             "applied_at": NOON},
        ]  # fmt: skip
        shop.storage.append(frame_of(spark, under_way, schema), shop.path("compensations"), "test", 1)
        yield shop


def first_night(shop: Shop) -> None:
    """An empty export on the very first night, and a damaged one: nothing is on the books after them."""
    good = Path("parcels/store/dt=2026-03-02/parcels.csv")
    text = good.read_text()
    good.write_text(text.splitlines()[0] + "\n")
    empty = shop.stopped()
    assert shop.books() == dict.fromkeys(BOOKS)
    assert empty.counts["keys_seen"] == 4
    assert "The target holds no row as of T, where another leg holds 4" in empty.reason
    (torn := good.with_name("more.csv.gz")).write_bytes(gzip.compress(b"carrier,number\n" * 999)[:-9])
    assert "cannot be read" in shop.stopped().reason
    assert shop.books() == dict.fromkeys(BOOKS)
    torn.unlink()
    good.write_text(text)


def reported(outcome: Outcome) -> dict[str, Any]:
    """The JSON of the run's report; the page stands beside it."""
    assert outcome.report is not None
    page = Path(outcome.report)
    assert "A gate stopped this run" in page.read_text()
    report: dict[str, Any] = json.loads(page.with_suffix(".json").read_text())
    return report


def test_an_empty_export_moves_nothing_and_a_mended_one_goes_on_as_if_it_had_not_been(shop: Shop) -> None:
    good = (NIGHT.parent / "dt=2026-03-02" / "parcels.csv").read_text()
    NIGHT.mkdir()
    (NIGHT / "parcels.csv").write_text(good.splitlines()[0] + "\n")

    outcome = shop.stopped()

    assert outcome.reason.startswith("parcels was not judged, and nothing was moved. The target holds no row")
    report = reported(outcome)
    assert report["outcome"] == "stopped"
    assert {each["expectation"] for each in report["failed"]} == {"side_is_there"}
    mine = f"run_id = '{outcome.run_id}'"
    assert {row[0] for row in shop.rows("reconciliations", mine, "status")} == {"failed"}
    failed = shop.rows("expectation_results", f"{mine} AND NOT success", "expectation", "column_name")
    assert failed == [("side_is_there", "target")]
    assert {row[0] for row in shop.rows("runs", mine, "stage")} == {*pipeline.STAGES} - {"compensate"}

    # Asked again, it ends in the same way and adds no counts; written anew, the same night is judged.
    assert shop.stopped().counts == outcome.counts
    assert len(shop.rows("reconciliations", mine, "leg")) == 4
    (NIGHT / "parcels.csv").write_text(good)
    assert shop.run().status == "finished"
    assert shop.rows("discrepancies", "status = 'waived'", "carrier", "number") == [("QM", 1)]
    assert {row[0] for row in shop.rows("discrepancies", "true", "episode")} == {1}


def test_an_unread_export_too_many_rejects_and_too_many_unjudged_move_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, events = Path("parcels/conf/datasets/parcels.yml"), Path("parcels/events/2026-03-02.json")
    (torn := NIGHT / "more.csv.gz").write_bytes(gzip.compress(b"carrier,number\n" * 999)[:-9])
    unread = shop.stopped()
    assert "cannot be read" in unread.reason
    assert {each["expectation"] for each in reported(unread)["failed"]} >= {"target_can_be_read"}
    torn.unlink()

    settings.write_text(settings.read_text() + STRICT)
    events.write_text(BAD_EVENT)
    rejected = shop.stopped()
    assert "1 of 1 records were rejected on the way to events" in rejected.reason
    assert reported(rejected)["outcome"] == "stopped"
    # It was counted whole all the same.
    assert rejected.counts["keys_seen"] == 4

    # The record is not new any more: what is left is the key that it leaves in doubt.
    unjudged = shop.stopped()
    assert "1 of 4 keys cannot be judged (1 rejected_record): " in unjudged.reason
    assert f"`{LISTING}`; if that is expected, raise gate.unjudged." in unjudged.reason
    withheld = shop.rows("withheld", f"run_id = '{unjudged.run_id}'", "carrier", "number", "status", "reason")
    assert ("DX", 2, "open", None) not in withheld
    assert reported(unjudged)["reasons"] == [{"status": "unjudged", "reason": "rejected_record", "keys": 1}]

    def refuses(context: RunContext, result: StageResult) -> None:
        if result.stage == "state":
            raise GateFailedError("change_state fails a check.")
        after(context, result)

    after = validate.after
    settings.write_text(settings.read_text().replace(STRICT, ""))
    with monkeypatch.context() as broken:
        broken.setattr(validate, "after", refuses)
        assert shop.stopped().reason.endswith("nothing was moved. change_state fails a check.")
    assert shop.run().status == "finished"


def test_r22_what_only_an_empty_side_lacks_is_not_resolved(shop: Shop) -> None:
    # All parcels are returned, so an empty export contradicts nobody; an open one does not heal by it.
    for day, name in (("2026-03-03", "dt=2026-03-04"), ("2026-03-04", "dt=2026-03-05")):
        (NIGHT.parent / name).mkdir()
        lines = [
            f'{{"id":"r{day}{c}{n}","detail-type":"ParcelReturned","time":"{day}T01:00:00Z",'
            f'"detail":{{"carrier":"{c}","number":{n},"rev":9}}}}'
            for c, n in (("DX", 1), ("DX", 2), ("QM", 1))
        ]
        Path(f"parcels/events/{day}.json").write_text("\n".join(lines) + "\n")
        seqs = [f"D,{day} 01:00:0{s},{90 + s},{c},{n},1,X,1,NULL" for s, (c, n) in enumerate(
            (("DX", 1), ("DX", 2), ("QM", 1), ("QM", 2)))]  # fmt: skip
        Path(f"parcels/cdc/{day.replace('-', '')}-020000000.csv").write_text("\n".join(seqs) + "\n")
    header = "carrier,number,grams,status,fee_cents,delivered_at\n"
    stray = "ZZ,9,1,ACCEPTED,100,\n"
    (NIGHT.parent / "dt=2026-03-04" / "parcels.csv").write_text(header + stray)
    (NIGHT.parent / "dt=2026-03-05" / "parcels.csv").write_text(header)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIEOUT_NOW", "2026-03-06T00:00:00Z")
        pipeline.run(shop.project, NAME, datetime(2026, 3, 4, tzinfo=UTC), spark=shop.storage.spark)
        assert shop.rows("discrepancies", "carrier = 'ZZ'", "status", "kind") == [("open", "unexpected")]
        outcome = shop.run()
    assert outcome.counts["unjudged"] >= 1
    assert shop.rows("discrepancies", "carrier = 'ZZ'", "status", "kind") == [("open", "unexpected")]
