"""`as_of: {column: …}`: rows are read once for their instant, in every format, and it is remembered."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import write_deltalake

from jobs.errors import InputError, TargetUnreadableError
from jobs.settings import AsOf, Project
from jobs.storage.objects import Objects
from jobs.target import snapshot as snapshots
from jobs.target.instants import WAYS
from jobs.target.snapshot import Snapshot, choose, look

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

T = datetime(2026, 11, 23, 6, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 6, tzinfo=UTC)


def written(folder: Path, format_: str, at: datetime = T) -> None:
    """A store of two rows, of which the other tenant's says another instant."""
    table = pa.table({"id": [1, 2], "tenant": [7, 8], "taken_at": [at, datetime(2020, 1, 1, tzinfo=UTC)]})
    if format_ == "delta":
        write_deltalake(str(folder), table, mode="overwrite")
        return
    folder.mkdir(exist_ok=True)
    if format_ == "parquet":
        pq.write_table(table, folder / "part-0.parquet")
    else:
        rows = f"1;7;{at.isoformat()}\n2;8;2020-01-01T00:00:00Z\n"
        (folder / "part-0.csv").write_text(f"id;tenant;taken_at\n{rows}")


def project(root: Path, format_: str, **target: Any) -> Project:
    more = {"delimiter": ";"} if format_ == "csv" else {}
    said = {"format": format_, "path": str(root / "store"), "where": "tenant = 7", **more, **target}
    said.setdefault("as_of", {"column": "taken_at"})
    dataset = {"dataset": "orders", "key": ["id"], "columns": {"id": "bigint"}, "target": said}
    return Project.model_validate({"lake": str(root / "lake"), "datasets": {"orders": dataset}})


def chosen(
    owner: Project, spark: "SparkSession | None", asked: datetime | None = None, remembers: bool = True
) -> Snapshot:
    return choose(owner, owner.datasets["orders"], Objects(), asked, spark, remembers)


@pytest.mark.parametrize("format_", ["csv", "parquet", "delta"])
def test_the_rows_say_it_and_no_second_look_is_taken_at_the_same_rows(
    spark: "SparkSession", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    owner = project(tmp_path, format_)
    written(tmp_path / "store", format_)
    first = chosen(owner, spark)
    assert (first.as_of, first.version) == (T, 0 if format_ == "delta" else None)
    with monkeypatch.context() as without_spark:
        without_spark.setattr(snapshots, "session", lambda project: pytest.fail("Spark was asked for"))
        assert chosen(owner, None) == first
        assert chosen(owner, None, asked=LATER) == first
    written(tmp_path / "store", format_, LATER)
    second = chosen(owner, spark)
    assert (second.as_of, second.digest != first.digest) == (LATER, True)
    with pytest.raises(InputError) as raised:
        chosen(owner, spark, asked=T)
    assert str(raised.value) == (
        f"The target {tmp_path}/store speaks of 2026-11-24T06:00:00Z (target.as_of.column), not of "
        "2026-11-23T06:00:00Z or before."
    )


def test_another_condition_is_another_look(spark: "SparkSession", tmp_path: Path) -> None:
    written(tmp_path / "store", "csv")
    assert chosen(project(tmp_path, "csv"), spark).as_of == T
    assert chosen(project(tmp_path, "csv", where="tenant = 8"), spark).as_of.year == 2020
    with pytest.raises(InputError, match=r"holds several instants, such as 2020-.* and 2026-11-23T06"):
        chosen(project(tmp_path, "csv", where=None), spark)


def test_people_who_only_look_leave_nothing_behind(spark: "SparkSession", tmp_path: Path) -> None:
    written(tmp_path / "store", "csv")
    owner = project(tmp_path, "csv")
    found, rows = look(spark, owner, owner.datasets["orders"], Objects(), None)
    assert (found.as_of, rows.count()) == (T, 2)
    assert not (tmp_path / "lake").exists()
    chosen(owner, spark)
    note = json.loads((tmp_path / "lake" / "orders" / "as_of.json").read_text())
    assert note["as_of"] == "2026-11-23T06:00:00.000000Z"


def test_a_damaged_row_is_an_unread_target(spark: "SparkSession", tmp_path: Path) -> None:
    written(tmp_path / "store", "csv")
    with (tmp_path / "store" / "part-0.csv").open("a") as file:
        file.write("3;7\n")
    with pytest.raises(
        TargetUnreadableError, match=r"row 3 of .*part-0.csv has 2 fields where its header has 3"
    ):
        chosen(project(tmp_path, "csv"), spark)


@pytest.mark.parametrize("format_", ["csv", "parquet", "delta"])
def test_a_target_that_is_not_there_is_told_without_spark(tmp_path: Path, format_: str) -> None:
    with pytest.raises(InputError, match="does not exist"):
        chosen(project(tmp_path, format_), None)


def test_every_way_of_the_settings_is_served() -> None:
    assert {*WAYS, "clock"} == set(AsOf.model_fields)
