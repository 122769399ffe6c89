"""Resources that give out for real, in a process of its own: one sentence, its exit code, and a log."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.configuration import configured, written
from tests.builders.records import cloud_event, lines

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
DATASET = """
    version: 1
    dataset: things
    key: [id]
    columns: {id: bigint, note: string}
    events:
      path: events
      dialect: cloudevents
      format: json
      order: [time]
      key: {id: data.id}
      apply: {Made: {creates: true, set: {note: data.note}}}
    target: {format: csv, path: store, as_of: {at: 2026-11-23T00:00:00Z}}
"""
# Ends the JVM, as the machine would, just before a stage begins.
KILLED = """
import os, signal
from jobs import pipeline
from jobs.cli import main
stage = pipeline.STAGES["dedupe"]
begin = stage.execute
def killed(run):
    java = run.spark.sparkContext._gateway.proc
    os.kill(java.pid, signal.SIGKILL)
    java.wait()
    return begin(run)
stage.execute = killed
main(["run", "things", "-c", "conf", "-q"])
"""
COMMAND = "from jobs.cli import main; main(['run', 'things', '-c', 'conf', '-q'])"
FILES_OF = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0})); "


def things(folder: Path, note: str, **spark: str) -> Path:
    settings = {"spark.master": "local[2]", "spark.sql.shuffle.partitions": "2", **spark}
    configured(folder, DATASET, f"spark: {json.dumps(settings)}", lake="lake")
    made = cloud_event("1", "Made", "2026-11-22T00:00:00Z", id=1, note=note)
    written(folder, {"events/a.json": lines(made), "store/a.csv": "id,note\n1,x\n"})
    return folder


def ended(folder: Path, program: str) -> tuple[int, str]:
    """The exit code, and all that was printed in error."""
    logs = folder / "tmp"
    logs.mkdir()
    ours = {"PYTHONPATH": str(ROOT), "TMPDIR": str(logs), "TIEOUT_NOW": "2026-11-24T00:00:00Z"}
    command, environment = [sys.executable, "-c", program], {**os.environ, **ours}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    return done.returncode, done.stderr


def assert_one_sentence(printed: str, text: str) -> None:
    assert len(printed.splitlines()) == 1 and printed.startswith("tieout: "), printed[-3000:]
    assert text in printed
    log = re.search(r"\(in full: (\S+\.log)\)", printed)
    assert log and "Traceback" in Path(log[1]).read_text()


def test_an_input_that_needs_more_memory_than_there_is(tmp_path: Path) -> None:
    folder = things(tmp_path, "x" * 250_000_000, **{"spark.driver.memory": "512m"})
    code, printed = ended(folder, COMMAND)
    assert_one_sentence(printed, "Spark ran out of memory: raise spark.driver.memory in tieout.yml")
    assert code == 2


def test_less_memory_than_spark_starts_with(tmp_path: Path) -> None:
    code, printed = ended(things(tmp_path, "x", **{"spark.driver.memory": "300m"}), COMMAND)
    assert len(printed.splitlines()) == 1, printed[-3000:]
    assert "must be at least 471859200" in printed and "`spark:` in tieout.yml" in printed
    assert code == 2


def test_java_that_is_ended_amid_a_run(tmp_path: Path) -> None:
    code, printed = ended(things(tmp_path, "x"), KILLED)
    assert_one_sentence(printed, "Spark's Java process is gone")
    assert code == 2


def test_a_disk_that_takes_no_more(tmp_path: Path) -> None:
    noise = os.urandom(15_000_000).hex()
    code, printed = ended(things(tmp_path, noise), FILES_OF.format(10_000_000) + COMMAND)
    assert_one_sentence(printed, "A disk is full: free space in the lake or in Spark's scratch folder")
    assert code == 4
