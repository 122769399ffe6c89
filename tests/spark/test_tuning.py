"""Tuning: what a local session is given, one that runs already gets too; what its owner has set stays."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyspark
import pytest
from pyspark.sql import SparkSession

from jobs.spark import session as sessions
from jobs.spark.session import local_settings, session
from jobs.spark.tuning import LEAN, MEMORY, without_submitted
from tests.conftest import FakeProject

# Where things are, and what suits the cores and tables of one machine: a session's owner knows better.
OWNERS = re.compile(r"spark\.(hadoop\.fs\.|sql\.catalog\.|sql\.shuffle\.|databricks\.).*")
MODE, LENGTH = "spark.sql.ui.explainMode", "spark.sql.debug.maxToStringFields"
GROUPS, UNLIKE = "parquet.block.size", "parquet.enable.dictionary#identity"
STATIC = {"spark.memory.storageFraction", "spark.python.sql.dataFrameDebugging.enabled"}
ROOT = Path(__file__).parent.parent.parent
SUBMITTED = """
import json, sys
from jobs.spark.session import session
from tests.conftest import FakeProject
spark = session(FakeProject(spark={"spark.sql.ui.explainMode": "extended"}))
settings = spark._jsparkSession.sessionState().newHadoopConf()
print(json.dumps({key: settings.get(key) for key in sys.argv[1:]}))
"""


def _tuned(spark: SparkSession) -> dict[str, str]:
    """What a local session is given, and a running one can be; settings of Hadoop by Hadoop's names."""
    return {
        key.removeprefix("spark.hadoop."): value
        for key, value in local_settings(FakeProject()).items()
        if (spark.conf.isModifiable(key) or key.startswith("spark.hadoop.")) and not OWNERS.match(key)
    }


def _settings(spark: SparkSession, keys: Iterable[str]) -> dict[str, str | None]:
    """What the session works with, as it tells Hadoop whenever a file is read or written."""
    settings = spark._jsparkSession.sessionState().newHadoopConf()
    return {key: settings.get(key) for key in keys}


@pytest.fixture
def bare(spark: SparkSession) -> Iterator[SparkSession]:
    """A session beside the tests' own, whose owner has set nothing of what a local one is given."""
    hadoop, other = spark.sparkContext._jsc.hadoopConfiguration(), spark.newSession()
    before = {key: hadoop.get(key) for key in _tuned(spark)}
    for key in before:
        hadoop.unset(key)
        other.conf.unset(key)
    yield other
    for key, value in before.items():
        if value is None:
            hadoop.unset(key)
        else:
            hadoop.set(key, value)


def test_a_running_session_gets_all_of_a_local_one_that_can_be_set_while_it_runs(bare: SparkSession) -> None:
    tuned = _tuned(bare)
    assert {MODE, LENGTH, GROUPS, UNLIKE, "spark.sql.ansi.enabled"} < set(tuned)
    assert set(_settings(bare, tuned).values()) == {None}

    session(FakeProject(), bare)

    assert _settings(bare, tuned) == tuned


def test_what_the_owner_of_a_running_session_or_the_project_has_set_stays(bare: SparkSession) -> None:
    bare.conf.set(LENGTH, "50")
    bare.sparkContext._jsc.hadoopConfiguration().set(UNLIKE, "true")

    session(FakeProject(spark={f"spark.hadoop.{GROUPS}": "7", MODE: "extended"}), bare)

    theirs = {LENGTH: "50", UNLIKE: "true", GROUPS: "7", MODE: "extended"}
    assert _settings(bare, _tuned(bare)) == _tuned(bare) | theirs


def test_what_spark_submit_was_given_is_not_ours_to_set(spark: SparkSession) -> None:
    system = spark._jvm.java.lang.System  # type: ignore[union-attr]
    before = {key: system.getProperty(key) for key in (*LEAN, *MEMORY)}
    try:
        for key in before:
            system.clearProperty(key)
        assert without_submitted({**LEAN, **MEMORY}) == {**LEAN, **MEMORY}
        system.setProperty(LENGTH, "50")
        assert without_submitted({**LEAN, **MEMORY}) == {
            key: value for key, value in {**LEAN, **MEMORY}.items() if key != LENGTH
        }
    finally:
        for key, value in before.items():
            system.setProperty(key, value)


@pytest.mark.long
def test_a_session_of_spark_submit_starts_as_a_local_one_but_for_what_its_owner_says(
    spark: SparkSession, tmp_path: Path
) -> None:
    (tmp_path / "script.py").write_text(SUBMITTED)
    expected = {key: value for key, value in local_settings(FakeProject()).items() if key in STATIC}
    expected |= _tuned(spark)
    owners = {"spark.memory.storageFraction": "0.4", LENGTH: "50", f"spark.hadoop.{GROUPS}": "9"}
    given = {**sessions._DELTA, **owners, "spark.ui.enabled": "false"}
    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-submit"), "--master", "local[1]"]
    command += [word for key, value in given.items() for word in ("--conf", f"{key}={value}")]
    python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    done = subprocess.run(
        [*command, str(tmp_path / "script.py"), *expected], capture_output=True, text=True, check=True,
        cwd=tmp_path, env={**os.environ, **python, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    owned = {key.removeprefix("spark.hadoop."): value for key, value in owners.items()}
    assert json.loads(done.stdout) == expected | owned | {MODE: "extended"}
