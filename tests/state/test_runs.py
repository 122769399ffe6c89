"""The same deliveries in one run, in several or rebuilt, whatever Spark does: the same tables (R3 to R13)."""

import json
import random
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.lake import tables
from jobs.run.context import SHORT
from jobs.settings import load
from tests.builders.configuration import configured as configured_below
from tests.builders.configuration import written
from tests.builders.lakes import stages, table, texts
from tests.conf import changed
from tests.dedupe.mapping import CONFIG

NAME = "orders"
RUNS, KEYS, RECORDS = 3, 12, 150
TABLES = ("events", "changes", "conflicts", "rejects", "rejected_keys", "event_state", "change_state")
# What tells of a run, or of an arrival: content stands where it first came.
OF_A_RUN = {"run_id", "batch", "file", "etag", "row_number", "record"}
WORDS = ("Placed", "Paid", "Adjusted", "Cancelled", "Reverted", "Placed", "Rounded")


@dataclass(frozen=True)
class Deliveries:
    """The files of every run, by path below the inputs."""

    runs: Sequence[Mapping[str, str]]

    def written(self, folder: Path, upto: int) -> None:
        for files in self.runs[:upto]:
            written(folder, {name: text for name, text in files.items() if not (folder / name).exists()})


def deliveries(seed: int) -> Deliveries:
    """Histories of a few orders on both legs: repeated, reordered, contradicting, tied, dealt out to runs."""
    dice = random.Random(seed)
    said = [*events(dice)]
    rows = [*log(dice)]
    legs = (("raw/events", "json", again(dice, said)), ("raw/cdc", "csv", again(dice, rows)))
    runs: list[dict[str, str]] = [{} for _ in range(RUNS)]
    for folder, suffix, lines in legs:
        for n in range(RUNS):
            runs[n][f"{folder}/{n}.{suffix}"] = "\n".join(lines[n::RUNS]) + "\n"
    return Deliveries(runs)


def events(dice: random.Random) -> Iterator[str]:
    for n in range(RECORDS):
        # Fewer ids and versions than records: contradictions and ties come by themselves.
        name, key, version = dice.choice([n, n, n, n // 2]), dice.randint(1, KEYS), dice.randint(1, 40)
        data: dict[str, Any] = {
            "id": key,
            "version": version,
            "amount": dice.choice(["7", "12.50", "99", "x"]),
        }
        data |= {"delta": dice.randint(-5, 5), "event": f"e{dice.randint(0, RECORDS)}"}
        if dice.random() < 0.5:
            data["note"] = dice.choice(["a", "b", None])
        at = f"2026-11-{1 + version // 2:02d}T00:00:{name % 60:02d}Z"
        head = {"specversion": "1.0", "id": f"e{name}", "source": "shop", "time": at}
        word = dice.choice(WORDS)
        if word == "Rounded":
            # What becomes of a bad number in trusted SQL is for Spark to say, and ANSI decides it.
            data["amount"] = "12.345"
        record = {**head, "type": word, "data": data}
        yield json.dumps({**record, dice.choice(["time", "type"]): ""} if dice.random() < 0.05 else record)


def log(dice: random.Random) -> Iterator[str]:
    for _ in range(RECORDS):
        key, seq, op = dice.randint(1, KEYS), dice.randint(1, 60), dice.choice("IUUUD" * 6 + "X")
        cells = [dice.choice(["A", "B", "~"]), str(dice.randint(1, 99)), dice.choice(["x", "~", ""])]
        tenant, gone = dice.choice(["eu", "eu", "eu", "us"]), dice.choice(["", "", "true"])
        yield ",".join([op, f"2026-11-{1 + seq // 4:02d} 00:00:00", str(seq), str(key), *cells, tenant, gone])


def again(dice: random.Random, lines: list[str]) -> list[str]:
    """At least once, in any order."""
    dealt = lines + dice.sample(lines, len(lines) // 4)
    dice.shuffle(dealt)
    return dealt


def configured(folder: Path) -> Path:
    """The configuration of a lake in this folder."""
    written(folder, {"raw/store/store.csv": "id,state,amount,note,tenant,gone\n"})
    config = textwrap.dedent(CONFIG).replace("/raw/", "ROOT/raw/") + "gate: {rejected: 100}\n"
    return configured_below(folder, config)


def brought_up(conf: Path, full: bool = False) -> None:
    stages(conf, NAME, "ingest", "dedupe", "state", full=full)


def found(spark: SparkSession, conf: Path) -> dict[str, list[str]]:
    """The rows of every table, without what tells of a run, in an order of their own."""
    project, told = load(str(conf)), {}
    for name in TABLES:
        frame = table(spark, project, NAME, name)
        kept = frame.drop(*OF_A_RUN & set(frame.columns))
        if name == tables.CONFLICTS:
            # A side names the file and row that brought it first.
            kept = kept.withColumns({side: kept[f"{side}.position"] for side in ("first", "other")})
        if name in (tables.REJECTS, tables.REJECTED_KEYS):
            kept = kept.distinct()
        # Of rows of one stamp and sequence the file's path decides, and each lake has its folder.
        told[name] = texts(kept, conf)
    return told


@pytest.fixture(scope="module")
def given() -> Deliveries:
    return deliveries(7)


@pytest.fixture(scope="module")
def at_once(
    spark: SparkSession, given: Deliveries, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    conf = configured(folder := tmp_path_factory.mktemp("once"))
    given.written(folder, RUNS)
    brought_up(conf)
    told = found(spark, conf)
    assert len(told["conflicts"]) > 10 and len(told["event_state"]) == KEYS
    assert any("Op is X" in row for row in told["rejected_keys"]), "the source rejects some as well"
    assert any("no time" in row for row in told["rejected_keys"])
    return told


@pytest.mark.parametrize(
    "small",
    [pytest.param(SHORT, marks=pytest.mark.long), 0],
    ids=["a short history", "a long history"],
)
def test_in_several_runs_and_rebuilt_the_tables_are_as_of_one(
    spark: SparkSession,
    given: Deliveries,
    at_once: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    small: int,
) -> None:
    monkeypatch.setattr("jobs.run.context.SHORT", small)
    conf = configured(tmp_path)
    for n in range(RUNS):
        given.written(tmp_path, n + 1)
        brought_up(conf)
    in_runs = found(spark, conf)
    for name in TABLES:
        assert in_runs[name] == at_once[name], name
    if small:
        return
    brought_up(conf, full=True)
    assert found(spark, conf) == in_runs


@pytest.mark.parametrize(
    "settings",
    [
        {
            "spark.sql.shuffle.partitions": "5",
            "spark.sql.adaptive.enabled": "true",
            "spark.sql.ansi.enabled": "false",
        },
        pytest.param(
            {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"},
            marks=pytest.mark.long,
        ),
    ],
    ids=["other partitions, adaptive, not ANSI", "compiled"],
)
def test_whatever_spark_does_the_tables_are_the_same(
    spark: SparkSession,
    given: Deliveries,
    at_once: dict[str, Any],
    tmp_path: Path,
    settings: dict[str, str],
) -> None:
    conf = configured(tmp_path)
    given.written(tmp_path, RUNS)
    text = (conf / "tieout.yml").read_text()
    (conf / "tieout.yml").write_text(text + f"spark: {json.dumps(settings)}\n")
    with changed(spark, settings):
        brought_up(conf)
    assert found(spark, conf) == at_once
