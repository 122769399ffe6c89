"""Session: what it takes from a running one, what it builds by itself, what it refuses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession

from jobs.errors import ConfigError
from jobs.spark import session as sessions
from jobs.spark.java import java_version
from jobs.spark.session import local_settings, s3a_settings, session
from tests.conftest import S3, FakeAws, FakeProject


def _java_saying(folder: Path, text: str) -> str:
    java = folder / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(f"#!/bin/sh\necho '{text}' >&2\n")
    java.chmod(0o755)
    return str(folder)


def test_delta_is_written_and_read_through_s3_names_of_either_scheme(spark: SparkSession, s3: S3) -> None:
    place = s3.bucket("lake") + "/orders"

    spark.range(3).coalesce(1).write.format("delta").save(place)

    assert spark.read.format("delta").load(place.replace("s3://", "s3a://")).count() == 3


def test_a_running_session_is_taken_and_told_what_results_depend_on(spark: SparkSession) -> None:
    spark.conf.set("spark.sql.ansi.enabled", "false")
    spark.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")

    taken = session(FakeProject(spark={"spark.sql.shuffle.partitions": "2", "spark.driver.memory": "9g"}))

    assert taken is spark
    assert taken.conf.get("spark.sql.ansi.enabled") == "true"
    assert taken.conf.get("spark.sql.session.timeZone") == "UTC"
    assert taken.conf.get("spark.driver.memory") != "9g"


def test_columns_in_which_nothing_repeats_are_written_without_a_dictionary(
    spark: SparkSession, lake: str
) -> None:
    taken = session(FakeProject())
    rows = taken.range(1000).selectExpr("cast(id as string) as identity", "'event' as kind").coalesce(1)
    rows.write.format("delta").save(lake)
    (written,) = Path(lake).glob("*.parquet")
    group = parquet.ParquetFile(written).metadata.row_group(0)
    has_dictionary = {group.column(n).path_in_schema: group.column(n).has_dictionary_page for n in (0, 1)}
    assert has_dictionary == {"identity": False, "kind": True}


def test_a_running_session_without_delta_is_refused_with_the_remedy(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_DELTA", {"spark.sql.extensions": "io.delta.sql.Another"})

    with pytest.raises(
        ConfigError, match=r"no io\.delta\.sql\.Another .* start it with --conf spark\.sql\.extensions"
    ):
        session(FakeProject())


@pytest.mark.parametrize(
    "key",
    [
        "fs.s3a.create.performance",
        "spark.hadoop.fs.s3a.create.performance",
        "spark.hadoop.fs.s3a.bucket.lake.create.performance",
        "spark.hadoop.fs.s3a.performance.flags",
    ],
)
@pytest.mark.parametrize(
    ("value", "refused"), [("true", True), ("create,mkdir", True), ("false", False), ("", False)]
)
def test_settings_that_break_create_if_absent_are_refused(
    spark: SparkSession, key: str, value: str, refused: bool
) -> None:
    if refused:
        with pytest.raises(ConfigError, match="lose each other's commits"):
            session(FakeProject(spark={key: value}))
    else:
        sessions._refuse_unsafe({key: value})


def test_the_users_settings_override_ours_and_add_to_the_class_path() -> None:
    settings = local_settings(
        FakeProject(spark={"spark.driver.memory": "7g", "spark.driver.extraClassPath": "/mine.jar"})
    )

    assert settings["spark.driver.memory"] == "7g"
    assert settings["spark.driver.extraClassPath"].endswith(f"{os.pathsep}/mine.jar")
    assert "delta-spark" in settings["spark.driver.extraClassPath"]


def test_many_files_are_not_looked_up_in_a_task_each() -> None:
    parallelism = "spark.sql.sources.parallelPartitionDiscovery.parallelism"

    assert int(local_settings(FakeProject())[parallelism]) < 100
    assert local_settings(FakeProject(spark={parallelism: "500"}))[parallelism] == "500"


def test_a_task_without_memory_says_so_and_does_not_end_java() -> None:
    assert local_settings(FakeProject())["spark.executor.killOnFatalError.depth"] == "0"


def test_an_endpoint_brings_path_style_and_a_region() -> None:
    settings = s3a_settings(FakeAws("http://127.0.0.1:9000"))

    assert settings["fs.s3a.path.style.access"] == "true"
    assert settings["fs.s3a.connection.ssl.enabled"] == "false"
    assert settings["fs.s3a.endpoint.region"] == "us-east-1"


def test_without_an_endpoint_aws_is_left_to_its_own_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "fs.s3a.endpoint" not in s3a_settings(None)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://s3.example.org")
    assert s3a_settings(FakeAws(region="eu-west-1"))["fs.s3a.endpoint"] == "https://s3.example.org"
    assert s3a_settings(FakeAws(region="eu-west-1"))["fs.s3a.endpoint.region"] == "eu-west-1"


@pytest.mark.parametrize(
    ("told", "version"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('openjdk version "21" 2023-09-19', 21)],
)
def test_java_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, version: int) -> None:
    monkeypatch.setenv("JAVA_HOME", _java_saying(tmp_path / "java", told))

    assert java_version() == version


@pytest.mark.parametrize("told", ['java version "1.8.0_392"', 'openjdk version "11.0.2"', "gibberish"])
def test_an_old_java_is_one_sentence_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setenv("JAVA_HOME", _java_saying(tmp_path / "java", told))

    with pytest.raises(ConfigError, match="too old for Spark; install Java 17"):
        java_version()


def test_a_missing_java_is_one_sentence_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match="There is no Java on the path; install Java 17"):
        java_version()

    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "gone"))
    with pytest.raises(ConfigError, match="holds no Java that runs"):
        java_version()


@pytest.mark.long
def test_a_session_of_its_own_leaves_the_terminal_and_the_folder_clean(tmp_path: Path) -> None:
    script = """
from jobs.spark.session import session
from tests.conftest import FakeProject
spark = session(FakeProject())
try:
    spark.sql("select 1 / 0").collect()
except ArithmeticError:
    pass
except Exception as error:
    assert "DIVIDE_BY_ZERO" in str(error)
print(spark.range(2).count())
"""
    command, root = [sys.executable, "-c", script], str(Path(__file__).parent.parent.parent)
    environment = {**os.environ, "PYTHONPATH": root}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)

    assert (done.stdout.strip(), done.stderr.strip()) == ("2", "")
    assert list(tmp_path.iterdir()) == []
