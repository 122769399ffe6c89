"""Jars: fetched once, complete or absent, and none that Spark ships itself."""

from pathlib import Path

import pytest

from jobs.errors import ConfigError, RetryableError
from jobs.spark import jars


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of its own."""
    monkeypatch.delenv("TIEOUT_JARS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tieout" / "jars"


def _jar(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    jar = folder / name
    jar.write_bytes(b"jar")
    return jar


def test_the_download_is_announced_with_its_size_and_made_once(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [_jar(tmp_path / "ivy", "delta-spark.jar"), _jar(tmp_path / "ivy", "hadoop-aws.jar")]
    asked: list[object] = []

    def resolved(wanted: object, mirrors: object) -> list[Path]:
        asked.append(mirrors)
        return found

    monkeypatch.setattr(jars, "_resolved", resolved)

    first = jars.class_path({"spark.jars.ivySettings": "mirror.xml", "spark.driver.memory": "1g"})
    second = jars.class_path()

    assert first == second == sorted(first)
    assert [jar.name for jar in first] == ["delta-spark.jar", "hadoop-aws.jar"]
    assert asked == [{"spark.jars.ivySettings": "mirror.xml"}]
    assert jars.SIZE in capsys.readouterr().err


def test_the_driver_of_postgresql_is_fetched_only_where_it_is_needed(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {name: _jar(tmp_path / "ivy", f"{name}.jar") for name in ("delta-spark", "postgresql")}
    monkeypatch.setattr(
        jars, "_resolved", lambda wanted, _: [found["postgresql" if jars.DRIVER in wanted else "delta-spark"]]
    )

    assert [jar.name for jar in jars.class_path()] == ["delta-spark.jar"]
    assert [jar.name for jar in jars.class_path(postgres=True)] == ["delta-spark.jar", "postgresql.jar"]


def test_a_failed_download_leaves_nothing_that_looks_complete(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "_resolved", lambda *_: [tmp_path / "never-there.jar"])

    with pytest.raises(FileNotFoundError):
        jars.class_path()

    assert list(cache.iterdir()) == []


def test_a_resolver_that_fails_says_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        jars, "_RESOLVE", "import sys; sys.exit('unresolved dependency: io.delta#delta-spark')"
    )

    with pytest.raises(RetryableError, match=r"unresolved dependency: io\.delta.*mirror"):
        jars._resolved([], {})


def test_a_folder_of_jars_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_JARS", str(tmp_path))
    with pytest.raises(ConfigError, match="holds no delta-spark jar"):
        jars.class_path()

    jar = _jar(tmp_path, "delta-spark_4.1_2.13-4.4.0.jar")
    assert jars.class_path() == [jar]
    with pytest.raises(ConfigError, match="holds no postgresql jar"):
        jars.class_path(postgres=True)


def test_an_unknown_pyspark_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "_pyspark_version", lambda: "3.2.1")

    with pytest.raises(ConfigError, match=r"pyspark 3\.2\.1 is installed.*4\.1"):
        jars.coordinates()


def test_nothing_that_spark_ships_is_fetched_again() -> None:
    excluded = set(jars.excluded())

    assert {"*:jackson-databind", "*:hadoop-client-api", "*:slf4j-api", "*:netty-common"} <= excluded
    assert "software.amazon.awssdk:bundle" in excluded
    assert not [name for name in excluded if name.endswith((":hadoop-aws", ":delta-spark_4.1_2.13", ":s3"))]
