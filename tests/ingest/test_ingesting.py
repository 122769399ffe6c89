"""Batches of files become records, refused records and the files' fates, once, whatever is damaged."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession

from jobs.ingest.batch import Batch, claimed, finished
from jobs.run.counts import IngestCounts
from jobs.run.discovery.difference import Difference
from jobs.settings import Source
from jobs.storage.objects import Objects
from tests.conf import changed
from tests.ingest.shop import LISTED, Shop


def event(at: int) -> str:
    """A sound event."""
    return json.dumps({"id": str(at), "source": "/s", "type": "T", "time": "2026-01-01T00:00:00Z"})


@pytest.fixture
def shop(spark: SparkSession, tmp_path: Path) -> Callable[..., Shop]:
    def made(dialect: str = "cloudevents", format: str = "json", **more: Any) -> Shop:
        settings = {
            "source": "shop",
            "path": str(tmp_path / "raw"),
            "dialect": dialect,
            "format": format,
            **more,
        }
        return Shop(spark, tmp_path, Source.model_validate(settings))

    return made


def test_damaged_files_and_records_are_told_and_nothing_is_lost(shop: Callable[..., Shop]) -> None:
    here = shop()
    good = gzip.compress((event(1) + event(2)).encode())
    here.put("good.gz", good)
    here.put("sub/dir with space/a+b%20{x}[1].json", f"{event(3)}\noops\n".encode())
    here.put("bom.json", b"\xef\xbb\xbf" + event(4).encode())
    here.put("latin1.json", event(5).replace("/s", "/\xe9").encode("latin-1").replace(b"\\u00e9", b"\xe9"))
    here.put("torn.gz", good[:-6])
    here.put("no_gz.gz", b"plain text")
    here.put("empty.json", b"")
    here.put("empty.gz", b"")
    here.put("blank.json", b"\n \n")
    here.put("empty_within.gz", gzip.compress(b""))
    counts = here.take()
    found = {name: (row["status"], row["records"], row["accepted"]) for name, row in here.files().items()}
    assert found == {
        "good.gz": ("ingested", 2, 2),
        "sub/dir with space/a+b%20{x}[1].json": ("ingested", 2, 1),
        "bom.json": ("ingested", 1, 1),
        "latin1.json": ("ingested", 1, 0),
        "torn.gz": ("unreadable", None, None),
        "no_gz.gz": ("unreadable", None, None),
        "empty.json": ("ingested", 0, 0),
        "empty.gz": ("ingested", 0, 0),
        "blank.json": ("ingested", 0, 0),
        "empty_within.gz": ("ingested", 0, 0),
    }
    assert counts == IngestCounts(files=10, records=6, accepted=4, rejected=2, unreadable=2)
    rejects = {
        Path(row["file"]).name: (row["row_number"], row["record"], row["reasons"][0])
        for row in here.rows("rejects")
    }
    assert rejects["a+b%20{x}[1].json"] == (2, "oops", "not JSON")
    assert rejects["latin1.json"][2] == "not valid UTF-8"
    assert rejects["torn.gz"][:2] == (None, None)
    assert "unpacked" in rejects["torn.gz"][2]
    assert here.files()["torn.gz"]["error"] == rejects["torn.gz"][2]
    assert len(rejects) == 4
    assert sorted(row["record"] for row in here.rows("records") if row["accepted"])[0] == event(1)
    assert len(here.rows("records")) == counts.records


def test_what_is_ingested_is_not_ingested_again(shop: Callable[..., Shop]) -> None:
    here = shop()
    here.put("a.json", event(1).encode())
    here.take()
    here.put("b.json", event(2).encode())
    here.put("a.json", (event(1) + event(3)).encode())
    assert here.take() == IngestCounts(files=2, records=3, accepted=3)
    rows = here.rows("ingested_files")
    assert sorted((Path(r["path"]).name, r["batch"], r["status"]) for r in rows) == [
        ("a.json", 1, "expired"), ("a.json", 2, "ingested"), ("b.json", 2, "ingested"),
    ]  # fmt: skip
    assert sorted(row["batch"] for row in here.rows("records")) == [1, 2, 2, 2]
    assert here.found() == Difference()


def test_a_file_that_goes_before_it_is_read_has_vanished(shop: Callable[..., Shop]) -> None:
    here = shop()
    for name in ("a.json", "b.json", "c.json"):
        here.put(name, event(1).encode())
    listed = here.listed()
    (here.raw / "b.json").unlink()
    here.put("c.json", (event(1) + event(2)).encode())
    assert here.take(listed) == IngestCounts(files=3, records=1, accepted=1, vanished=2)
    assert {name: row["status"] for name, row in here.files().items()} == {
        "a.json": "ingested", "b.json": "vanished", "c.json": "vanished",
    }  # fmt: skip
    assert here.take() == IngestCounts(files=1, records=2, accepted=2)
    assert here.files()["c.json"]["status"] == "ingested"


def test_when_all_files_have_vanished_the_batch_is_empty(shop: Callable[..., Shop]) -> None:
    here = shop()
    here.put("a.json", event(1).encode())
    listed = here.listed()
    (here.raw / "a.json").unlink()
    assert here.take(listed) == IngestCounts(files=1, vanished=1)
    assert (here.rows("records"), here.rows("rejects")) == ([], [])
    assert here.take(listed) == IngestCounts()


@pytest.mark.parametrize("crash_at", ["rejects", "ingested_files"])
def test_an_interrupted_batch_is_finished_as_it_was_begun(
    shop: Callable[..., Shop], crash_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = shop()
    here.put("a.json", f"{event(1)}\noops".encode())
    append = here.one.storage.append

    def crashing(df: DataFrame, path: str, *rest: Any, **more: Any) -> bool:
        if path.endswith(crash_at):
            raise KeyboardInterrupt
        return append(df, path, *rest, **more)

    begun = claimed(here.one.objects, here.folder, Batch(1, tuple(here.listed()), LISTED, "run"))
    monkeypatch.setattr(here.one.storage, "append", crashing)
    with pytest.raises(KeyboardInterrupt):
        here.one.batch(begun)
    monkeypatch.undo()
    here.put("late.json", event(2).encode())
    again = claimed(here.one.objects, here.folder, Batch(1, tuple(here.listed()), LISTED, "another run"))
    assert again == replace(begun, run_id="another run")
    assert here.one.batch(again).counts == IngestCounts(files=1, records=2, accepted=1, rejected=1)
    finished(here.one.objects, here.folder, again)
    assert (len(here.rows("records")), len(here.rows("rejects")), len(here.rows("ingested_files"))) == (
        2,
        1,
        1,
    )
    before = here.one.storage.commits
    assert here.one.batch(again).counts == IngestCounts(files=1, records=2, accepted=1, rejected=1)
    assert here.one.storage.commits == before
    assert here.take() == IngestCounts(files=1, records=1, accepted=1)


def test_a_file_that_was_out_of_reach_is_left_to_the_next_batch(shop: Callable[..., Shop]) -> None:
    here = shop()
    here.put("a.json", event(1).encode())
    here.put("b.json", event(2).encode())
    listed = here.listed()
    batch = Batch(1, tuple(listed), LISTED, "run")
    here.one._write_records(batch, here.one.files.framed(listed[:1]))
    fates = here.batch(listed, number=1)
    assert fates.counts == IngestCounts(files=1, records=1, accepted=1)
    assert fates.deferred == (listed[1],)
    assert here.take(listed) == IngestCounts(files=1, records=1, accepted=1)
    assert sorted(row["batch"] for row in here.rows("ingested_files")) == [1, 2]


def test_a_large_file_of_no_lines_is_unreadable_and_says_which_setting(shop: Callable[..., Shop]) -> None:
    here = shop(whole_file_megabytes=1)
    here.put("array.json", b"[" + b'{"a":1},' * 600_000 + b"{}]")
    here.put("lines.json", b"".join(event(at).encode() + b"\n" for at in range(20_000)))
    counts = here.take()
    assert counts == IngestCounts(files=2, records=20_000, accepted=20_000, unreadable=1)
    assert here.files()["array.json"]["status"] == "unreadable"
    assert "larger than 1 MB" in here.files()["array.json"]["error"]
    assert "whole_file_megabytes" in here.rows("rejects")[0]["reasons"][0]


@pytest.mark.parametrize("mode", ["FALLBACK", "NO_CODEGEN"])
def test_headers_and_kinds_of_csv_files_are_kept(
    shop: Callable[..., Shop], spark: SparkSession, mode: str
) -> None:
    with changed(spark, {"spark.sql.codegen.factoryMode": mode}):
        _headers_and_kinds(shop("dms", "csv"))


def _headers_and_kinds(here: Shop) -> None:
    here.put("LOAD00000001.csv", b"id,note\n1,x\n")
    here.put("20260101-000000000.csv.gz", gzip.compress(b'Op,id,note\r\nU,1,"a\r\nb"\r\nX,2,y\r\n'))
    here.put("20260102-000000000.csv", b"Op,id,note\n")
    assert here.take() == IngestCounts(files=3, records=3, accepted=2, rejected=1)
    found = {name: (row["kind"], row["header"], row["records"]) for name, row in here.files().items()}
    assert found == {
        "LOAD00000001.csv": ("load", "id,note", 1),
        "20260101-000000000.csv.gz": ("change", "Op,id,note", 2),
        "20260102-000000000.csv": ("change", "Op,id,note", 0),
    }
    assert {row["generation"] for row in here.files().values()} == {1}
    assert [row["reasons"] for row in here.rows("rejects")] == [["Op is X"]]


def test_files_in_a_bucket_are_read_under_their_own_names(
    shop: Callable[..., Shop], s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3.bucket("raw")
    here = shop()
    here.one = replace(
        here.one,
        objects=Objects(s3.aws),
        source=here.one.source.model_copy(update={"path": f"{bucket}/events"}),
    )
    for name in ("2026/a b+c.json", "2026/d%20é.json"):
        here.one.objects.write(f"{bucket}/events/{name}", (event(1) + event(2)).encode())
    here.one.objects.write(f"{bucket}/events/torn.gz", gzip.compress(event(1).encode())[:-6])
    listed = list(here.one.objects.list(f"{bucket}/events"))
    assert here.take(listed) == IngestCounts(files=3, records=4, accepted=4, unreadable=1)
    assert {row["path"] for row in here.rows("ingested_files")} == {file.path for file in listed}
