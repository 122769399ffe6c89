"""spark-submit: each stage as a script of its own, out of the built wheel alone, gives what a run gave."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jobs.demo.shop import LISTED
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.settings import load
from jobs.spark import jars
from jobs.spark.delta import Storage
from tests.readme import ROOT

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PACKAGED = ("jobs", "conf", "expectations", "setup.py", "pyproject.toml", "README.md", "LICENSE")
DELTA = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    # A lake of a few rows on two cores: a cluster has more of both.
    "spark.sql.shuffle.partitions": "2",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.ui.enabled": "false",
}
# The checkout is installed in this environment, too: it must not be what is imported.
ALONE = """
import atexit, os, sys
sys.meta_path[:] = [finder for finder in sys.meta_path if "Editable" not in repr(finder)]
def tell():
    imported = getattr(sys.modules.get("jobs"), "__file__", None)
    if imported and "IMPORTED" in os.environ:
        with open(os.environ["IMPORTED"], "w") as told:
            told.write(imported)
atexit.register(tell)
"""
# Settings of the log, suites, templates and the demo's configuration: by whatever reads them.
READS = """
from importlib import resources
from jobs.spark import session
from jobs.report import render
from jobs.validate import suites
assert "rootLogger" in session._log4j().read_text()
print("read")
assert "expectations" in suites._folder().joinpath("events.json").read_text()
print("read")
assert render._environment().get_template("report.html.j2")
print("read")
assert resources.files("jobs.conf").joinpath("datasets", "orders.yml").read_text()
print("read")
"""


@dataclass(frozen=True)
class Submit:
    """A folder outside the checkout that holds the wheel, and beside it the scripts of the stages."""

    folder: Path
    wheel: Path

    @property
    def environment(self) -> dict[str, str]:
        """As on a cluster: nothing of the checkout on the path, one interpreter."""
        python = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
        ours = {"PYTHONPATH": str(self.folder / "site"), "IMPORTED": str(self.folder / "imported")}
        return {**os.environ, **python, **ours, "TIEOUT_NOW": LISTED.isoformat()}

    def run(self, script: str, *arguments: str) -> tuple[str, str]:
        """Submits a script of the wheel; what it printed on stdout and on stderr."""
        import pyspark

        said = [str(Path(pyspark.__file__).parent / "bin" / "spark-submit"), "--master", "local[2]"]
        said += ["--jars", ",".join(map(str, jars.class_path()))]
        said += [word for key, value in DELTA.items() for word in ("--conf", f"{key}={value}")]
        said += ["--py-files", str(self.wheel), str(self.folder / "scripts" / script), *arguments]
        away = self.folder / "away"
        away.mkdir(exist_ok=True)
        done = subprocess.run(said, capture_output=True, text=True, cwd=away, env=self.environment)
        assert done.returncode == 0, done.stderr[-4000:]
        imported = (self.folder / "imported").read_text()
        assert imported == f"{self.wheel}/jobs/__init__.py"
        return done.stdout, done.stderr

    def stage(self, stage: str, conf: Path) -> dict[str, Any]:
        """Submits a stage of the demo's dataset; its counts."""
        printed, _ = self.run(f"jobs/{stage}/job.py", "orders", "-c", str(conf), "--json")
        told = json.loads(printed)
        assert (told["stage"], told["dataset"]) == (stage, "orders")
        counts: dict[str, Any] = told["counts"]
        return counts


@pytest.fixture(scope="module")
def submit(tmp_path_factory: pytest.TempPathFactory) -> Submit:
    folder = tmp_path_factory.mktemp("submit")
    tree = folder / "tree"
    tree.mkdir()
    for name in PACKAGED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tree / name)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(folder), str(tree)], check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    shutil.rmtree(tree)
    with zipfile.ZipFile(wheel) as packed:
        scripts = [name for name in packed.namelist() if name.endswith(("/job.py", "jobs/cli.py"))]
        packed.extractall(folder / "scripts", scripts)
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(ALONE)
    return Submit(folder, wheel)


def _conf(demo: Path, lake: Path) -> Path:
    """The demo's configuration with another lake."""
    conf = lake.with_name(f"{lake.name}-conf")
    shutil.copytree(demo / "conf", conf)
    text, said = (conf / "tieout.yml").read_text(), f"  lake: {demo / 'lake'}\n"
    assert text.count(said) == 1
    (conf / "tieout.yml").write_text(text.replace(said, f"  lake: {lake}\n"))
    return conf


def _counts(spark: "SparkSession", conf: Path) -> Mapping[str, dict[str, Any]]:
    """Stage -> its counts, as a run wrote them down."""
    runs = Storage(spark).read(Lake(load(str(conf)).lake).dataset("orders", tables.RUNS))
    assert runs is not None
    return {row["stage"]: json.loads(row["counts"]) for row in runs.select("stage", "counts").collect()}


def _verdicts(spark: "SparkSession", conf: Path) -> set[tuple[Any, ...]]:
    place = Lake(load(str(conf)).lake).dataset("orders", tables.DISCREPANCIES)
    found = Storage(spark).read(place)
    assert found is not None
    columns = ("discrepancy_id", "status", "kind", "fault", "reason", "events_row", "target_row", "run_id")
    return {tuple(row) for row in found.select(*columns).collect()}


def test_what_the_package_reads_of_itself_it_reads_out_of_the_wheel(submit: Submit) -> None:
    path = {"PYTHONPATH": os.pathsep.join([str(submit.wheel), str(submit.folder / "site")])}
    command, environment = [sys.executable, "-c", READS], {**submit.environment, **path}
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", env=environment)
    assert done.stdout.split() == ["read"] * 4
    assert (submit.folder / "imported").read_text() == f"{submit.wheel}/jobs/__init__.py"


@pytest.mark.long
def test_a_stage_runs_by_spark_submit_on_the_lake_of_the_demo(
    submit: Submit, kept_demo: Path, tmp_path: Path
) -> None:
    shutil.copytree(kept_demo / "lake", tmp_path / "lake")
    counts = submit.stage("ingest", _conf(kept_demo, tmp_path / "lake"))
    assert set(counts) >= {"files", "records"} and not any(counts.values()), "all was taken in before"


@pytest.mark.long
def test_every_stage_runs_by_spark_submit_and_finds_what_a_run_finds(
    submit: Submit, spark: "SparkSession", kept_demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.pipeline import STAGES, run

    here, there = _conf(kept_demo, tmp_path / "run"), _conf(kept_demo, tmp_path / "submitted")
    monkeypatch.setenv("TIEOUT_NOW", LISTED.isoformat())
    assert run(load(str(here)), "orders", spark=spark).exit_code == 0
    told = _counts(spark, here)
    for stage in STAGES:
        found = submit.stage(stage, there)
        # Of stages run one by one there are rows in `runs` already when the tables are validated.
        differ = {name for name in found | told[stage] if found.get(name) != told[stage].get(name)}
        assert differ <= {"expectations"}, (stage, found, told[stage])
    assert _verdicts(spark, there) == _verdicts(spark, here)
    printed, _ = submit.run("jobs/cli.py", "run", "orders", "-c", str(here), "--json")
    assert json.loads(printed)["exit_code"] == 0
