"""Refused records are judged again by the settings of now; what holds is handed to the next dedupe, once."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs import pipeline
from jobs.errors import InputError
from jobs.ingest.replay import ReplayCounts
from jobs.run.context import Options, StageResult
from jobs.settings import load
from jobs.spark.delta import Storage
from jobs.storage.objects import Objects
from tests.builders.configuration import configured, written
from tests.builders.delta import delta_rows
from tests.builders.records import cloud_event, lines

CONF = """
    version: 1
    dataset: orders
    key: [id]
    columns: {id: bigint, amount: 'decimal(12,2)'}
    events:
      path: ROOT/events
      dialect: cloudevents
      format: json
      max_ahead: 1 hour
      order: [data.rev]
      key: {id: data.id}
      apply: {Placed: {creates: true, set: {amount: data.amount}}}
    target: {format: csv, path: ROOT/store, as_of: {at: 2026-11-23T00:00:00Z}}
    reconcile: {truth: events}
    gate: {rejected: 100, unjudged: 100}
"""
FIRST = lines(
    cloud_event("1", "Placed", "2026-11-22T08:00:00Z", id=1, rev=1, amount=1),
    cloud_event("2", "Placed", "2026-11-22T08:00:00Z", id=2, rev=1, amount="2,50"),
    cloud_event("3", "Placed", "2026-11-23T08:00:00Z", id=3, rev=1, amount=3),
    cloud_event("4", "Placed", "2026-11-22T08:00:00Z", id=4, rev=1, amount="many"),
)
FIFTH = lines(cloud_event("5", "Placed", "2026-11-22T08:00:00Z", id=5, rev=1))


class Lake:
    """A lake whose events were taken in and mapped once, some of them refused."""

    def __init__(self, root: Path) -> None:
        self.root, self.lake = root, root / "lake"
        written(root, {"events/a.json": FIRST + "torn\n", "store/s.csv": "id,amount\n1,1\n"})
        self.conf = configured(root, CONF)

    def stage(self, name: str, replay: bool = False, accept: bool = False) -> StageResult:
        options = Options(accept_from_now=accept, replay_rejects=replay)
        return pipeline.run_stage(load(str(self.conf)), "orders", name, options=options)

    def mend(self, old: str, new: str) -> None:
        path = self.conf / "datasets" / "orders.yml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def rows(self, table: str) -> list[dict[str, Any]]:
        return delta_rows(self.lake / table)

    def batches(self) -> dict[str, tuple[int, bool]]:
        """By id of the event, the batch in which its record stands and whether it is accepted."""
        found = {}
        for row in self.rows("sources/orders_events/records"):
            name = json.loads(row["record"])["id"] if row["record"].startswith("{") else row["record"]
            found[name] = (row["batch"], row["accepted"])
        return found

    def refused(self) -> list[str]:
        """Why records are refused, by the source and by the mapping."""
        both = self.rows("sources/orders_events/rejects") + self.rows("orders/rejects")
        return sorted(reason for row in both for reason in row["reasons"])

    def keys(self) -> list[str]:
        return sorted(row["key"] for row in self.rows("orders/rejected_keys"))

    def amounts(self) -> dict[int, str]:
        return {row["id"]: str(row["values"]["amount"]) for row in self.rows("orders/events")}


@pytest.fixture
def lake(spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    monkeypatch.setenv("TIEOUT_NOW", "2026-11-23T06:00:00Z")
    here = Lake(tmp_path)
    here.stage("ingest")
    here.stage("dedupe")
    return here


FUTURE = "from_the_future: it says 2026-11-23T08:00:00.000000Z, more than 1 h after it was listed (max_ahead)"


def test_what_holds_now_is_mapped_and_all_that_was_said_against_it_goes(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lake.refused() == [
        "amount: 2,50 is no decimal(12,2)",
        "amount: many is no decimal(12,2)",
        FUTURE,
        "not JSON",
    ]
    assert lake.keys() == ['{"id":"2"}', '{"id":"3"}', '{"id":"4"}']
    # Unchanged settings refuse the same records, however much later they are judged.
    monkeypatch.setenv("TIEOUT_NOW", "2026-12-23T06:00:00Z")
    before = lake.batches()
    assert lake.stage("ingest", replay=True).counts == ReplayCounts(judged=2)
    assert lake.batches() == before
    lake.mend("max_ahead: 1 hour", "max_ahead: 2 hours")
    lake.mend("amount: data.amount", "amount: {sql: \"replace(data.amount, ',', '.')\"}")
    # A file that came meanwhile is none of a replay's business.
    written(lake.root, {"events/b.json": FIFTH})
    assert lake.stage("ingest", replay=True).counts == ReplayCounts(judged=2, accepted=1, handed_on=2)
    assert "5" not in lake.batches()
    assert {name: ok for name, (_, ok) in lake.batches().items()} == {
        "1": True, "2": True, "3": True, "4": True, "torn": False,
    }  # fmt: skip
    assert lake.batches()["1"] == before["1"] and lake.batches()["3"][0] > before["3"][0]
    [file] = lake.rows("sources/orders_events/ingested_files")
    assert (file["records"], file["accepted"], file["rejected"]) == (5, 4, 1)
    again = lake.stage("ingest", replay=True)
    assert again.counts == ReplayCounts(judged=1), "they wait for the dedupe"
    counts = lake.stage("dedupe", accept=True).counts.as_dict()
    assert (counts["events.mapped"], counts["events.rejected"], counts["events.refused_again"]) == (2, 1, 1)
    assert lake.amounts() == {1: "1.00", 2: "2.50", 3: "3.00"}
    assert lake.refused() == ["amount: many is no decimal(12,2)", "not JSON"]
    assert lake.keys() == ['{"id":"4"}']
    last = lake.rows("sources/orders_events/records")
    assert lake.stage("ingest", replay=True).counts == ReplayCounts(judged=1)
    assert lake.rows("sources/orders_events/records") == last, "nothing to hand on, nothing written"


@pytest.mark.parametrize(
    ("table", "by"),
    [
        ("rejects", "replay"),
        ("ingested_files", "ingest"),
        pytest.param("ingested_files", "replay", marks=pytest.mark.long),
        pytest.param("rejects", "ingest", marks=pytest.mark.long),
        pytest.param("unfinished", "replay", marks=pytest.mark.long),
        pytest.param("unfinished", "ingest", marks=pytest.mark.long),
    ],
)
def test_a_replay_that_is_killed_is_finished_by_the_next_one_and_by_the_next_ingest(
    lake: Lake, table: str, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.mend("max_ahead: 1 hour", "max_ahead: 2 hours")
    with monkeypatch.context() as patched:
        _die_at(patched, table)
        with pytest.raises(SystemError):
            lake.stage("ingest", replay=True)
    if by == "ingest":
        written(lake.root, {"events/b.json": FIFTH})
    lake.stage("ingest", replay=by == "replay")
    [first, *_] = sorted(lake.rows("sources/orders_events/ingested_files"), key=lambda row: row["path"])
    assert (first["accepted"], first["rejected"], first["replayed"]) == (4, 1, 2)
    assert lake.batches()["3"] == (2, True)
    assert [row["record"] for row in lake.rows("sources/orders_events/rejects")] == ["torn"]
    lake.stage("dedupe")
    assert 3 in lake.amounts()
    assert lake.keys() == ['{"id":"2"}', '{"id":"4"}']


def _die_at(patched: pytest.MonkeyPatch, what: str) -> None:
    """Die where a replay would write a table, or forget how it was begun."""
    merge, delete = Storage.merge, Objects.delete

    def merging(self: Storage, source: Any, path: str, *rest: Any, **more: Any) -> bool:
        if path.endswith(what):
            raise SystemError
        return merge(self, source, path, *rest, **more)

    def deleting(self: Objects, uri: str) -> None:
        if what in uri:
            raise SystemError
        delete(self, uri)

    patched.setattr(Storage, "merge", merging)
    patched.setattr(Objects, "delete", deleting)


def test_an_ingest_that_was_interrupted_comes_first(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    written(lake.root, {"events/b.json": FIFTH})
    append: Callable[..., bool] = Storage.append
    with monkeypatch.context() as patched:

        def dying(self: Storage, df: Any, path: str, *rest: Any, **more: Any) -> bool:
            if path.endswith("ingested_files"):
                raise SystemError
            return append(self, df, path, *rest, **more)

        patched.setattr(Storage, "append", dying)
        with pytest.raises(SystemError):
            lake.stage("ingest")
    with pytest.raises(InputError, match="was interrupted: finish it first by `tieout ingest orders`"):
        lake.stage("ingest", replay=True)


PRINTED = json.dumps(json.loads(FIFTH), indent=1) + "\n"
MUCH = f"{PRINTED}{' ' * (5 << 20)}\n"


def _unreadable(lake: Lake) -> None:
    """Deliver a file that is larger than what may be read as one text, and one that is cut short."""
    written(lake.root, {"events/b.json": MUCH, "events/c.json.gz": b"\x1f\x8b\x08cut short"})
    lake.mend("format: json", "format: json\n  whole_file_megabytes: 1")
    assert lake.stage("ingest").counts.as_dict()["unreadable"] == 2


@pytest.mark.parametrize("killed", [None, "rejects", "ingested_files"])
def test_a_file_that_was_unreadable_is_read_by_the_settings_of_now_and_no_other_is(
    lake: Lake, killed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unreadable(lake)
    before = lake.rows("sources/orders_events/records")
    lake.mend("whole_file_megabytes: 1", "whole_file_megabytes: 10")
    # None that is new is read, nor one that was.
    written(lake.root, {"events/d.json": FIRST})
    (lake.root / "events/a.json").unlink()
    if killed is not None:
        with monkeypatch.context() as patched:
            _die_at(patched, killed)
            with pytest.raises(SystemError):
                lake.stage("ingest", replay=True)
    result = lake.stage("ingest", replay=True)
    assert result.counts == ReplayCounts(judged=2, files_again=2, records_again=1, unreadable_again=1)
    assert "2 files read again, 1 readable now, 2 records judged again" in str(result.sentence)
    records = lake.rows("sources/orders_events/records")
    assert [row for row in records if row["file"].endswith("a.json")] == before
    assert lake.batches()["5"] == (3, True)
    files = {Path(row["path"]).name: row for row in lake.rows("sources/orders_events/ingested_files")}
    assert {name: (row["status"], row["accepted"], row["batch"]) for name, row in files.items()} == {
        "a.json": ("ingested", 3, 1), "b.json": ("ingested", 1, 3), "c.json.gz": ("unreadable", None, 3),
    }  # fmt: skip
    rejects = lake.rows("sources/orders_events/rejects")
    assert [Path(row["file"]).name for row in rejects if row["row_number"] is None] == ["c.json.gz"]
    lake.stage("dedupe")
    assert 5 in lake.amounts()
