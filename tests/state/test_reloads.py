"""R6: histories in which a table is loaded again, in several runs, in one, or rebuilt: what the rule says."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.explain import explain
from jobs.settings import load
from tests.builders import configuration
from tests.builders.lakes import stages, table, texts
from tests.oracle.dedupe import canonical
from tests.oracle.fold import fold
from tests.oracle.model import Leg
from tests.oracle.reloads import File, Line, leg_of, reloaded_history

EPOCH = datetime(2026, 3, 1)
LATEST = 10**6
NAME = "stock"
TABLES = ("changes", "change_state", "change_history")
# The place of a load row holds its path, and each lake has its folder.
OF_A_RUN = {"run_id", "batch", "etag", "place_hash"}
CONFIG = """
    version: 1
    dataset: stock
    key: [id]
    columns: {id: bigint, state: string, amount: bigint}
    history: true
    changes:
      path: ROOT/cdc/
      dialect: dms
      format: csv
      fields: [committed_at, seq, id, state, amount]
      timestamp_column: committed_at
      order: [seq]
    target:
      format: csv
      path: ROOT/store/
      as_of: {at: 2026-04-01T00:00:00Z}
    reconcile: {truth: changes}
"""


def configured(folder: Path) -> Path:
    configuration.written(folder, {"store/store.csv": "id,state,amount\n"})
    return configuration.configured(folder, CONFIG)


def written(folder: Path, files: Sequence[File]) -> None:
    """Write files as a task would, with the stamps that the history gives them."""
    for file in files:
        path = folder / "cdc" / file.name
        configuration.put(path, "".join(map(text_of, file.lines)))
        # Above the epoch, since a log is not older than its system.
        stamp = 1_700_000_000 + file.written
        os.utime(path, (stamp, stamp))


def text_of(line: Line) -> str:
    at = EPOCH + timedelta(seconds=line.at)
    return f"{line.op},{at.isoformat(' ')}.000000,{line.seq},{line.key},{line.state},{line.amount}\n"


def found(spark: SparkSession, conf: Path) -> dict[str, list[str]]:
    """The rows of every table, without what tells of a run."""
    project = load(str(conf))
    return {name: texts(table(spark, project, NAME, name), conf, OF_A_RUN) for name in TABLES}


def states(spark: SparkSession, conf: Path) -> dict[int, Any]:
    frame = table(spark, load(str(conf)), NAME, "change_state")
    return {
        row["id"]: None if row["_deleted"] else {"state": row["state"], "amount": row["amount"]}
        for row in frame.collect()
    }


def expected(leg: Leg) -> dict[int, Any]:
    return {key[0]: state.row for key, state in fold(leg, LATEST).items()}


SHORT, LONG = 1 << 30, 0
LATER = pytest.mark.long


@pytest.mark.parametrize(
    ("seed", "short"),
    [(1, LONG), pytest.param(2, SHORT, marks=LATER), pytest.param(3, LONG, marks=LATER)],
    ids=["a long history", "a short history", "another long one"],
)
def test_r6_reloads_in_several_runs_in_one_and_rebuilt_are_as_the_rule_says(
    spark: SparkSession, tmp_path: Path, seed: int, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.run.context.SHORT", short)
    runs = reloaded_history(seed)
    several, one = configured(tmp_path / "several"), configured(tmp_path / "one")
    so_far: list[File] = []
    for files in runs:
        so_far += files
        written(tmp_path / "several", files)
        stages(several, NAME, "ingest", "dedupe", "state")
        assert states(spark, several) == expected(leg_of(so_far))
        written(tmp_path / "one", files)
        stages(one, NAME, "ingest")
    assert any(change.op == "truncate" for change in leg_of(so_far).changes)
    in_runs = found(spark, several)
    stages(one, NAME, "dedupe", "state")
    assert found(spark, one) == in_runs
    stages(several, NAME, "dedupe", "state", full=True)
    assert found(spark, several) == in_runs
    _explained(spark, several, leg_of(so_far))


def _explained(spark: SparkSession, conf: Path, leg: Leg) -> None:
    """`explain` tells the reloads, and of every change of a key the load that it belongs to."""
    key = min(change.key for change in leg.changes if change.position[0] == 0)
    (life,) = explain(load(str(conf)), spark, NAME, {"id": key[0]}).legs
    known = canonical(leg).of(key)
    assert [step.generation for step in life.steps] == [change.position[0] for change in known]
    reloads = [step for step in life.steps if step.name == "reload"]
    assert [(step.op, step.effect) for step in reloads] == [("truncate", "applied")] * 2
    last = [step.name for step in life.steps].index("reload", life.steps.index(reloads[0]) + 1)
    assert {step.effect for step in life.steps[:last] if step.op == "upsert"} == {"below a reload"}
