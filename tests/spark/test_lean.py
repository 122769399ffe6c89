"""Lean: which runs are small, what a session gets for one, and that its own settings come back."""

import re
from datetime import UTC, datetime

import pytest
from pyspark.sql import SparkSession

from jobs.spark import lean as lean_settings
from jobs.spark.lean import LARGE_JAVA, SETTINGS, SMALL, SMALL_JAVA, is_small, java_options, lean, unpacked
from jobs.spark.session import local_settings, session
from jobs.storage.uri import ObjectInfo
from tests.conftest import FakeProject

BROADCAST, OPEN_COST = "spark.sql.autoBroadcastJoinThreshold", "spark.sql.files.openCostInBytes"


def of_size(path: str, size: int) -> ObjectInfo:
    return ObjectInfo(path, path, "etag", size, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("size", "small"), [(0, True), (SMALL, True), (SMALL + 1, False), (None, False)], ids=str
)
def test_a_run_is_small_by_its_bytes_and_never_by_what_is_not_known(size: int | None, small: bool) -> None:
    assert is_small(size) == small
    assert java_options(size, "", "4g") == (SMALL_JAVA if small else LARGE_JAVA)
    # The collector of large runs keeps some of the heap free, which a small heap has need of.
    assert java_options(size, "", "2g") == (SMALL_JAVA if small else ())


def test_packed_files_count_as_what_they_unpack_to() -> None:
    plain = [of_size("a.json", 10), of_size("b.csv", 5)]
    packed = [of_size("a.json.gz", 10), of_size("b.parquet", 5), of_size("c.JSON.GZ", 1)]

    assert unpacked(plain) == 15
    assert unpacked(packed) == 10 * 8 + 5 * 5 + 8


@pytest.mark.parametrize("name", ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"])
def test_who_sets_options_of_the_jvm_gets_none_beside_them(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    # Java does not start with two collectors.
    assert java_options(1, "-XX:+UseZGC", "4g") == ()
    assert java_options(1, "-Duser.language=en", "4g") == SMALL_JAVA
    monkeypatch.setenv(name, "-XX:+UseG1GC")
    assert java_options(1, "", "4g") == ()


def test_a_session_has_one_collector_by_the_size_of_its_run() -> None:
    def collector(size: int | None, heap: str = "4g") -> list[str]:
        project = FakeProject(spark={"spark.driver.memory": heap})
        options = local_settings(project, size=size)["spark.driver.extraJavaOptions"].split()
        return [option for option in options if re.fullmatch(r"-XX:\+Use\w+GC", option)]

    assert collector(1) == ["-XX:+UseSerialGC"]
    assert collector(SMALL + 1) == collector(None) == ["-XX:+UseParallelGC"]
    assert collector(SMALL + 1, "2g") == []


def test_all_of_it_can_be_set_while_a_session_runs(spark: SparkSession) -> None:
    for key, value in SETTINGS.items():
        spark.conf.set(key, value)
        assert spark.conf.get(key) == value


def test_a_session_is_lean_for_a_small_run_and_then_as_it_was(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean_settings, "SETTINGS", {BROADCAST: "7", OPEN_COST: "8"})
    before = spark.conf.get(BROADCAST), spark.conf.get(OPEN_COST)

    with pytest.raises(RuntimeError), lean(spark, 1, {OPEN_COST: "the project's own"}):
        assert spark.conf.get(BROADCAST) == "7"
        assert spark.conf.get(OPEN_COST) == before[1]
        raise RuntimeError
    assert (spark.conf.get(BROADCAST), spark.conf.get(OPEN_COST)) == before

    with lean(spark, SMALL + 1, {}):
        assert spark.conf.get(BROADCAST) == before[0]


def test_what_a_sessions_owner_started_it_with_stays(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lean_settings, "SETTINGS", {"spark.driver.memory": "1g", BROADCAST: "7"})

    with lean(spark, 1, {}):
        assert spark.conf.get("spark.driver.memory") == "5g"
        assert spark.conf.get(BROADCAST) == "7"


def test_a_running_session_gets_what_is_lean_for_runs_of_any_size(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "jobs.spark.session.LEAN", {OPEN_COST: "4194305", "spark.driver.memory": "1g", "spark.master": "x"}
    )
    before = spark.conf.get(OPEN_COST)
    try:
        session(FakeProject(), spark)
        assert spark.conf.get(OPEN_COST) == "4194305"
        assert spark.conf.get("spark.driver.memory") == "5g"
    finally:
        spark.conf.set(OPEN_COST, str(before))
