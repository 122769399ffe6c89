"""R18, R21: a snapshot in CSV is read as it stands: each file by its own header, none shifted or filled."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.errors import InputError, TargetUnreadableError
from jobs.settings import Target
from jobs.storage.objects import Objects
from jobs.target.snapshot import Snapshot, read_snapshot
from jobs.target.unreadable import store_is_read
from tests.builders.configuration import written

Files = dict[str, str | bytes]


def rows(spark: SparkSession, folder: Path, files: Files, **settings: Any) -> list[dict[str, Any]]:
    """The rows that are read of some files, sorted by their first column."""
    written(folder, files)
    target = Target.model_validate(
        {"format": "csv", "path": f"{folder}/", "select": {"id": "id"}, **settings}
    )
    snapshot = Snapshot(datetime(2026, 1, 1, tzinfo=UTC), f"{folder}/", "digest", len(files))
    with store_is_read(snapshot):
        found = read_snapshot(spark, target, snapshot, Objects())
        return [row.asDict() for row in found.orderBy(found.columns[0]).collect()]


READ: list[tuple[str, Files, dict[str, Any], list[dict[str, Any]]]] = [
    (
        "each file goes by its own header",
        {"a.csv": "id,net,gross\n1,100,119\n", "b.csv": "id,gross,net\n2,238,200\n"},
        {},
        [{"id": "1", "net": "100", "gross": "119"}, {"id": "2", "net": "200", "gross": "238"}],
    ),
    (
        "a column that one file lacks is null there",
        {"a.csv": "id,a\n1,x\n", "b.csv": "b,id\ny,2\n"},
        {},
        [{"id": "1", "a": "x", "b": None}, {"id": "2", "a": None, "b": "y"}],
    ),
    (
        "quoted nothing is the empty text, bare nothing is null; blanks are text",
        {"a.csv": 'id,a\n1,""\n2,\n3,NULL\n4," "\n5, \n'},
        {},
        [{"id": str(n), "a": a} for n, a in enumerate(["", None, "NULL", " ", " "], 1)],
    ),
    (
        "a null token of its own: bare nothing is then the empty text, and the quoted token is text",
        {"a.csv": 'id,a\n1,\\N\n2,"\\N"\n3,\n'},
        {"null_token": "\\N"},
        [{"id": "1", "a": None}, {"id": "2", "a": "\\N"}, {"id": "3", "a": ""}],
    ),
    (
        "what a spreadsheet writes: a mark, CRLF, semicolons, a blank line at the end",
        {"a.csv": b"\xef\xbb\xbfid;a\r\n1;x,y\r\n2;\"z\"\"q\"\r\n\r\n"},
        {"delimiter": ";"},
        [{"id": "1", "a": "x,y"}, {"id": "2", "a": 'z"q'}],
    ),
    (
        "a newline and a delimiter between quotes belong to the text; no newline ends the file",
        {"a.csv": 'id,"a\nb"\n1,"x\r\ny,z"'},
        {},
        [{"id": "1", "a\nb": "x\r\ny,z"}],
    ),
    (
        "without a header the settings name the fields",
        {"a.csv": "1,id\n", "b.csv": "2,b\n"},
        {"fields": ["id", "a"]},
        [{"id": "1", "a": "id"}, {"id": "2", "a": "b"}],
    ),
    (
        "packed files, empty ones and a header alone",
        {"a.csv.gz": gzip.compress(b"id,a\n1,x\n"), "b.csv": "", "c.csv": "id,a\n"},
        {},
        [{"id": "1", "a": "x"}],
    ),
    (
        "names as they stand: dots, blanks, backticks, no name at all",
        {"a.csv": "id,a.b,Last Seen,o`k,\n1,2,3,4,5\n"},
        {},
        [{"id": "1", "a.b": "2", "Last Seen": "3", "o`k": "4", "": "5"}],
    ),
    (
        "folders name columns, whose text is taken as it stands",
        {"shop=0042/a.csv": "id\n1\n", "shop=a%2Fb+c/b.csv": "id\n2\n",
         "shop=__HIVE_DEFAULT_PARTITION__/c.csv": "id\n3\n", "d.csv": "id\n4\n"},
        {},
        [{"id": str(n), "shop": shop} for n, shop in enumerate(["0042", "a/b+c", None, None], 1)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "settings", "expected"), [c[1:] for c in READ], ids=[c[0] for c in READ])
def test_r21_rows_are_what_the_files_say(
    spark: SparkSession, tmp_path: Path, files: Files, settings: dict[str, Any], expected: list[Any]
) -> None:
    assert rows(spark, tmp_path / "dt=2026-01-01", files, **settings) == expected


DAMAGED: list[tuple[str, Files, dict[str, Any], str]] = [
    ("a field too many", {"a.csv": "id,a\n1,x\n2,y,z\n"}, {}, "row 2 of {}/a.csv has 3 fields where its"),
    ("a field too few", {"a.csv": "id,a\n1\n"}, {}, "row 1 of {}/a.csv has 1 fields where its header has 2"),
    (
        "of several headers the file's own counts",
        {"a.csv": "id,a\n1,x\n", "b.csv": "id,a,b\n2,y\n"},
        {},
        "row 1 of {}/b.csv has 2 fields where its header has 3",
    ),
    (
        "without a header",
        {"a.csv": "1,x,y\n"},
        {"fields": ["id", "a"]},
        "row 1 of {}/a.csv has 3 fields where target.fields has 2",
    ),
    ("a torn quote", {"a.csv": 'id,a\n1,x\n2,"y\n'}, {}, "row 2 of {}/a.csv has a quoted field"),
    ("text after a quote", {"a.csv": 'id,a\n1,"x"y\n'}, {}, "row 1 of {}/a.csv has a quoted field"),
    ("no UTF-8", {"a.csv": b"id,a\n1,x\n2,\xe4\n"}, {}, "row 2 of {}/a.csv is not UTF-8"),
    ("a name twice", {"a.csv": "id,a\n", "b.csv": "id,id\n1,2\n"}, {}, "header of {}/b.csv names id twice"),
    ("a torn header", {"a.csv": 'id,"a\n1,x\n'}, {}, "the header of {}/a.csv has a quoted field"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "settings", "told"), [c[1:] for c in DAMAGED], ids=[c[0] for c in DAMAGED])
def test_r18_damage_ends_the_reading_and_is_named(
    spark: SparkSession, tmp_path: Path, files: Files, settings: dict[str, Any], told: str
) -> None:
    with pytest.raises(TargetUnreadableError) as caught:
        rows(spark, tmp_path, files, **settings)
    assert told.format(tmp_path) in str(caught.value)
    assert str(caught.value).endswith("; write the snapshot again.")


def test_r18_damage_is_found_whatever_is_asked_of_the_rows(spark: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,a\n1,x\n2,y,z\n,\n")
    target = Target.model_validate({"format": "csv", "path": f"{tmp_path}/", "select": {"id": "id"}})
    snapshot = Snapshot(datetime(2026, 1, 1, tzinfo=UTC), f"{tmp_path}/", "digest", 1)
    found = read_snapshot(spark, target, snapshot, Objects())
    for asked in (found.groupBy().count(), found.where("id = '1'"), found.where("a IS NULL").select("a")):
        with pytest.raises(TargetUnreadableError, match="row 2"), store_is_read(snapshot):
            asked.collect()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"a.csv": "id,Id\n1,2\n"}, "differ in case alone, id in {0}/a.csv and Id in {0}/a.csv"),
        ({"a.csv": "id,a\n", "b.csv": "id,A\n"}, "in case alone, a in {0}/a.csv and A in {0}/b.csv"),
        ({"a.csv": ""}, "has no file with a header"),
    ],
)  # fmt: skip
def test_names_that_cannot_be_told_apart_are_refused(
    spark: SparkSession, tmp_path: Path, files: Files, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        rows(spark, tmp_path, files)
    assert told.format(tmp_path) in str(caught.value)
