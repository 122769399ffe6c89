"""The look of `tieout check` at its inputs: missing, empty, or without a path that is mapped."""

import contextlib
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.commands.input_check import with_inputs
from jobs.settings.check import CheckReport, check
from tests.builders.command import ended
from tests.builders.configuration import put
from tests.builders.records import lines
from tests.conftest import S3
from tests.ingest.test_parquet_rows import parquet
from tests.settings.folders import Folder, correct

PLACED: dict[str, Any] = {"type": "Placed", "data": {"order_id": 1, "version": 1, "amount": None}}
ADJUSTED: dict[str, Any] = {"type": "Adjusted", "data": {"order_id": 1, "version": 2, "delta": 1}}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A configuration whose inputs lie below the test's folder, none of them there yet."""
    made = correct(tmp_path / "conf")
    made.edit("sources/shop.yml", "/raw/events/", f"{tmp_path}/events/")
    made.dataset("/cdc/orders/", f"{tmp_path}/cdc/")
    made.dataset("/snapshots/orders/", f"{tmp_path}/store/")
    return made


def looked(folder: Folder) -> CheckReport:
    project = folder.load()
    return with_inputs(check(project), project)


def test_what_is_missing_empty_or_without_data_is_a_warning_each(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "cdc").mkdir()
    put(tmp_path / "store" / "_SUCCESS", "")
    report = looked(folder)
    assert (report.exit_code, report.warnings) == (
        0,
        (
            f"The source shop does not exist: there is no folder {tmp_path}/events/; correct its path.",
            f"The source orders_changes holds no file: {tmp_path}/cdc/ is there and empty; wait for its "
            "first file.",
            f"The target of orders holds no file of data: under {tmp_path}/store/ lies only _SUCCESS, and "
            "names that begin with _ or . are passed over; write the snapshot first.",
        ),
    )


def with_all(tmp_path: Path, *events: dict[str, Any]) -> None:
    put(tmp_path / "cdc" / "1.csv", "I,2026-11-22,1,1,NEW,100\n")
    put(tmp_path / "store" / "a.parquet", "x")
    put(tmp_path / "events" / "a.json.gz", gzip.compress(lines(*events).encode()))


def test_where_every_path_is_found_nothing_is_said(folder: Folder, tmp_path: Path) -> None:
    with_all(tmp_path, PLACED, ADJUSTED, {"type": "Other"})
    assert looked(folder).warnings == ()


def test_paths_that_no_record_of_their_type_has_are_named_with_their_place(
    folder: Folder, tmp_path: Path
) -> None:
    lacking = {"type": "Adjusted", "data": {"order_id": 1, "version": 2, "amount": 5}}
    with_all(tmp_path, PLACED, lacking, lacking)
    assert looked(folder).warnings == (
        f"orders: events.apply.Adjusted.add.amount: none of 2 records of type Adjusted at the beginning "
        f"of {tmp_path}/events/a.json.gz has data.delta",
    )


def test_paths_of_elements_are_looked_up_in_their_arrays(folder: Folder, tmp_path: Path) -> None:
    folder.dataset("add: {amount: data.delta}", "each: data.lines\n      add: {amount: item.delta}")
    empty = {"type": "Adjusted", "data": {**ADJUSTED["data"], "lines": []}}
    full = {"type": "Adjusted", "data": {**ADJUSTED["data"], "lines": [{"id": 1}, {"id": 2}]}}
    with_all(tmp_path, PLACED, empty)
    assert looked(folder).warnings == ()
    with_all(tmp_path, PLACED, empty, full)
    (warning,) = looked(folder).warnings
    assert warning.endswith("has item.delta")
    with_all(tmp_path, PLACED, ADJUSTED)
    (warning,) = looked(folder).warnings
    assert warning.endswith("has data.lines")


def test_an_envelope_of_ones_own_says_where_type_and_data_lie(folder: Folder, tmp_path: Path) -> None:
    folder.edit(
        "sources/shop.yml", "cloudevents", "envelope\nid: meta.id\ntype: meta.kind\ntime: meta.at\ndata: body"
    )
    wrapped = [{"meta": {"kind": each["type"]}, "body": each["data"]} for each in (PLACED, ADJUSTED)]
    with_all(tmp_path, *wrapped)
    assert looked(folder).warnings == ()
    with_all(tmp_path, wrapped[0], {"meta": {"kind": "Adjusted"}, "body": {"order_id": 1, "version": 2}})
    assert len(looked(folder).warnings) == 1


def test_names_of_a_header_are_compared(folder: Folder, tmp_path: Path) -> None:
    with_all(tmp_path, PLACED)
    folder.dataset("  fields: [commit_ts, seq, id, state, cents]\n", "")
    put(tmp_path / "cdc" / "1.csv", "Op,commit_ts,seq,id,status,cents\nI,2026-11-22,1,1,NEW,100\n")
    folder.dataset("format: parquet", "format: csv")
    put(tmp_path / "store" / "a.parquet", "id,status\n1,NEW\n")
    assert looked(folder).warnings == (
        f"orders: changes.select.status: the header of {tmp_path}/cdc/1.csv has no state",
        f"orders: target.select.status: the header of {tmp_path}/store/a.parquet has no state",
    )
    folder.dataset("as_of: {at: 2026-11-23T00:00:00Z}", "as_of: {column: taken_at}")
    assert f"orders: target.as_of.column: the header of {tmp_path}/store/a.parquet has no taken_at" in (
        looked(folder).warnings
    )


def test_names_of_the_columns_of_a_parquet_file_are_compared(folder: Folder, tmp_path: Path) -> None:
    with_all(tmp_path, PLACED, ADJUSTED)
    folder.dataset("format: csv\n  fields: [commit_ts, seq, id, state, cents]\n", "format: parquet\n")
    text = (pa.string(), ["x"])
    columns = {name: text for name in ("Op", "commit_ts", "seq", "id", "status", "cents")}
    put(tmp_path / "cdc" / "1.csv", parquet(columns))
    assert looked(folder).warnings == (
        f"orders: changes.select.status: the file {tmp_path}/cdc/1.csv has no state",
    )
    put(tmp_path / "cdc" / "1.csv", parquet({**columns, "state": text})[:-9])
    assert looked(folder).warnings == (f"orders: {tmp_path}/cdc/1.csv is damaged, or not a Parquet file",)


def test_a_place_out_of_reach_is_a_note_and_the_next_is_not_tried(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with_all(tmp_path, PLACED)
    folder.edit("sources/shop.yml", f"{tmp_path}/events/", "s3://shop-raw/events/")
    folder.dataset(f"{tmp_path}/store/", "s3://shop-store/orders/")
    report = looked(folder)
    assert (report.exit_code, report.warnings) == (0, ())
    first, second = report.notes[-2:]
    assert first.startswith("The source shop: not looked at, s3://shop-raw/events/: S3 is out of reach")
    assert second == "The target of orders: not looked at, S3 could not be reached"


def test_of_s3_no_more_is_read_than_a_beginning_and_a_missing_bucket_is_a_warning(
    folder: Folder, tmp_path: Path, s3: S3
) -> None:
    from jobs.storage.objects import Objects

    bucket = s3.bucket("raw")
    Objects(s3.aws).write(f"{bucket}/events/a.json", lines(PLACED, ADJUSTED).encode())
    with_all(tmp_path, PLACED)
    folder.edit("sources/shop.yml", f"{tmp_path}/events/", f"{bucket}/events/")
    folder.dataset(f"{tmp_path}/store/", "s3://no-such-bucket/orders/")
    (warning,) = looked(folder).warnings
    assert "The target of orders: s3://no-such-bucket/orders/: there is no bucket" in warning
    assert Objects(s3.aws).beginning(f"{bucket}/events/a.json", 9) == b'{"type": '
    assert Objects(s3.aws).beginning(f"{bucket}/events/none", 9) == b""


def test_the_command_says_it_as_data_too(folder: Folder, tmp_path: Path) -> None:
    with_all(tmp_path, PLACED)
    (tmp_path / "cdc" / "1.csv").unlink()
    written = io.StringIO()
    with contextlib.redirect_stdout(written):
        code = ended("check", "-c", str(folder.root), "--json")
    told = json.loads(written.getvalue())
    assert (code, told["exit_code"]) == (0, 0)
    assert ["is there and empty" in line for line in told["warnings"]] == [True]


@pytest.mark.parametrize(
    ("name", "more", "warns"),
    [
        ("LOAD00000001.csv", "", True),
        ("LOAD00000001.csv", "load_complete: true", False),
        ("1.csv", "", False),
    ],
    ids=["a load alone", "a load that is complete", "a log"],
)
def test_r6_a_load_of_which_nothing_shows_that_it_has_ended_is_a_warning(
    folder: Folder, tmp_path: Path, name: str, more: str, warns: bool
) -> None:
    folder.dataset("  load_complete: true\n", f"  {more}\n")
    put(tmp_path / "cdc" / name, "I,2026-11-22 10:00:00,1,1,PAID,1000\n")
    told = [line for line in looked(folder).warnings if "files of a full load alone" in line]
    assert [line.split(",")[0] for line in told] == ["orders: changes.load_complete: is not set"] * warns
