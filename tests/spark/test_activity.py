"""Activity: Spark's jobs are called in our words, and say how far they are while they run."""

import threading
from pathlib import Path
from typing import Any

import pytest
from delta.tables import DeltaTable
from pyspark.sql import SparkSession

from jobs.spark.activity import Activity, activity, described, part, together


def _ended_jobs(spark: SparkSession) -> list[Any]:
    scala = spark.sparkContext._jsc.sc()
    scala.listenerBus().waitUntilEmpty()
    jobs = scala.statusStore().jobsList(None)
    return [jobs.apply(n) for n in range(jobs.size())]


def test_jobs_are_called_by_what_they_are_for(spark: SparkSession, tmp_path: Path) -> None:
    text = "a line\n" * 1000
    (tmp_path / "some.txt").write_text(text)
    before = {job.jobId() for job in _ended_jobs(spark)}
    with described(spark, "orders: ingest: 1 file, 7.0 kB", len(text)):
        spark.read.text(str(tmp_path)).write.format("noop").mode("overwrite").save()
    (job,) = [job for job in _ended_jobs(spark) if job.jobId() not in before]
    found = together(spark.sparkContext._jsc.sc().statusStore(), [job])
    assert found == Activity("orders: ingest: 1 file, 7.0 kB", 1, 1, found.bytes_read, 1000, len(text))
    assert found.bytes_read >= len(text)


def test_a_description_ends_with_its_block(spark: SparkSession) -> None:
    def now() -> tuple[str | None, set[str]]:
        context = spark.sparkContext
        return context.getLocalProperty("spark.job.description"), context.getJobTags()

    before = now()
    with described(spark, "orders: ingest", 7):
        outer = now()
        assert outer[0] == "orders: ingest"
        with pytest.raises(ValueError, match="wrong"), described(spark, "orders: ingest: expectations"):
            assert now()[0] == "orders: ingest: expectations"
            assert len(now()[1]) == len(outer[1])
            raise ValueError("wrong")
        assert now() == outer
    assert now() == before


def test_a_part_is_called_by_what_it_is_part_of(spark: SparkSession, tmp_path: Path) -> None:
    before = {job.jobId() for job in _ended_jobs(spark)}
    with described(spark, "orders: ingest"):
        with part(spark, "counting records", 7):
            spark.range(3).collect()
        spark.range(3).collect()
    with part(spark, "alone"):
        spark.range(3).collect()
    store = spark.sparkContext._jsc.sc().statusStore()
    found = [together(store, [job]) for job in _ended_jobs(spark) if job.jobId() not in before]
    assert sorted((each.step, each.bytes_of_all) for each in found) == [
        ("alone", 0), ("orders: ingest", 0), ("orders: ingest: counting records", 7),
    ]  # fmt: skip


def test_what_delta_does_on_the_way_is_called_by_what_it_is_for(spark: SparkSession, tmp_path: Path) -> None:
    before = {job.jobId() for job in _ended_jobs(spark)}
    with described(spark, "orders: dedupe"):
        spark.range(10).write.format("delta").save(str(tmp_path / "t"))
        table = DeltaTable.forPath(spark, str(tmp_path / "t"))
        table.alias("t").merge(table.toDF().alias("s"), "t.id = s.id").whenMatchedUpdateAll().execute()
        spark.read.format("delta").load(str(tmp_path / "t")).where("id > 3").count()
    store = spark.sparkContext._jsc.sc().statusStore()
    steps = {together(store, [job]).step for job in _ended_jobs(spark) if job.jobId() not in before}
    assert steps == {"orders: dedupe"}


def test_a_job_that_runs_is_read_from_another_thread_and_none_where_none_runs(spark: SparkSession) -> None:
    spark.sparkContext._jsc.sc().listenerBus().waitUntilEmpty()
    assert activity() is None

    def work() -> None:
        with described(spark, "orders: reconcile"):
            spark.range(0, 100_000_000, 1, 4).selectExpr("sum(hash(id, id + 1))").collect()

    worker = threading.Thread(target=work)
    worker.start()
    found = None
    while found is None and worker.is_alive():
        found = activity()
    worker.join()
    assert found is not None
    assert (found.step, found.bytes_of_all) == ("orders: reconcile", 0)
    assert found.tasks >= 4 > found.tasks_done
