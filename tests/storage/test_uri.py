"""URIs: whatever reads or writes names S3 to Spark by one scheme, which is EMR's own on EMR."""

from datetime import UTC, datetime

import pytest
from pyspark.sql import SparkSession

from jobs.ingest.reading import texts
from jobs.settings import Target
from jobs.spark.delta import Storage
from jobs.spark.rows import frame_of
from jobs.storage import uri
from jobs.storage.delta_query import log_options
from jobs.storage.objects import Objects
from jobs.storage.uri import spark_uri
from jobs.target.snapshot import Snapshot, read_snapshot
from tests.conftest import S3


@pytest.mark.parametrize(("emr", "scheme"), [(True, "s3://"), (False, "s3a://")])
def test_s3_is_named_to_spark_by_one_scheme(
    spark: SparkSession, s3: S3, monkeypatch: pytest.MonkeyPatch, emr: bool, scheme: str
) -> None:
    monkeypatch.setattr(uri, "on_emr", lambda: emr)
    place, objects, storage = s3.bucket("emr"), Objects(s3.aws), Storage(spark, log_options(s3.aws))
    objects.write(f"{place}/events/a.json", b"{}")
    objects.write(f"{place}/store/a.csv", b"id\n1\n")
    storage.append(frame_of(spark, [{"id": 1}], "id int"), f"{place}/lake/t", "app", 1)
    snapshot = Snapshot(datetime(2026, 1, 1, tzinfo=UTC), f"{place}/store/", "d", 1)
    target = Target.model_validate({"path": snapshot.uri, "format": "csv", "select": {"id": "id"}})

    table = storage.read(f"{place}/lake/t")
    assert table is not None
    read = [
        texts(spark, list(objects.list(f"{place}/events/")), ["event"]),
        read_snapshot(spark, target, snapshot, objects),
        table,
    ]

    assert {file.partition("://")[0] + "://" for frame in read for file in frame.inputFiles()} == {scheme}
    assert [frame.count() for frame in read] == [1, 1, 1]


@pytest.mark.parametrize("local", ["/data/x", "file:///data/x"])
def test_a_local_path_is_the_same_on_emr(monkeypatch: pytest.MonkeyPatch, local: str) -> None:
    monkeypatch.setattr(uri, "on_emr", lambda: True)
    assert spark_uri(local) == "file:///data/x"
