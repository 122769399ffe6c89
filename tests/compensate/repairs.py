"""Keys that are wrong, in short words -> the frames that planning reads, and the plan by case."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, Row, SparkSession

from jobs.compensate.planning.existing import existing_by_key
from jobs.compensate.planning.plan import plan
from jobs.compensate.planning.write_mapping import WriteMapping, write_mapping
from jobs.fold import DatasetSchema
from jobs.lake.tables import DISCREPANCIES, VERDICTS
from jobs.settings import Dataset
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from tests.fold.changes import at

Values = dict[str, Any]

T = 1000
COLUMNS = {"id": "string", "status": "string", "amount": "decimal(12,2)", "note": "string", "seen": "int"}
SELECT = {
    "id": "order_no",
    "status": "state",
    "amount": {"sql": "amount_cents / 100.00", "write": {"amount_cents": "amount * 100"}},
    "note": "note",
    "seen": "seen",
}
STORE = "order_no string, state string, amount_cents bigint, note string, seen int, own string, tenant int"


def settings(
    legs: Sequence[str] = ("events", "changes"),
    covered: Mapping[str, Sequence[str]] | None = None,
    columns: Mapping[str, Any] | None = None,
    truth: str = "events",
    compare: Mapping[str, Any] | None = None,
    compensate: Mapping[str, Any] | None = None,
    **target: Any,
) -> Values:
    """What the file of a dataset keyed by `id` says; `covered`: what a leg covers, where it is not all."""
    columns = {**COLUMNS, **(columns or {})}
    says = {leg: [c for c in (covered or {}).get(leg, columns) if c != "id"] for leg in legs}
    held = {"select": SELECT, **target}
    held.setdefault("without", [c for c in columns if c not in held["select"]])
    said: Values = {
        "dataset": "orders",
        "key": ["id"],
        "columns": columns,
        "target": {"format": "parquet", "path": "/store/", **held},
        "reconcile": {"truth": truth, "compare": {"seen": {"ignore": True}, **(compare or {})}},
    }
    if "events" in legs:
        sets = {c: f"data.{c}" for c in says["events"]}
        apply = {"Put": {"creates": True, "set": sets}}
        said["events"] = {"source": "e", "order": ["data.v"], "key": {"id": "data.id"}, "apply": apply}
    if "changes" in legs:
        lacked = [c for c in columns if c != "id" and c not in says["changes"]]
        said["changes"] = {"source": "c", "without": lacked}
    if compensate is not None:
        said["compensate"] = compensate
    return said


def dataset(*legs: Any, **more: Any) -> Dataset:
    """A dataset keyed by `id`, the name of the case."""
    return Dataset.model_validate(settings(*legs, **more))


@dataclass(frozen=True)
class Wrong:
    """What truth holds (None: no row), the store's rows, the other leg's row, and what the verdict says."""

    truth: Values | None
    store: tuple[Values, ...] = ()
    other: Values | None = None
    kind: str = "mismatch"
    fault: str = "store"
    unknown: tuple[str, ...] = ()
    other_unknown: tuple[str, ...] = ()
    suspect: bool = False
    later: str | None = None
    streak: int = 0
    status: str = "open"
    episode: int = 1
    more: Values = field(default_factory=dict)


def true(**more: Any) -> Values:
    """Truth's row: paid, 12.50, no note, seen once."""
    return {"status": "PAID", "amount": "12.50", "note": None, "seen": 1, **more}


def held(name: str | None = None, **more: Any) -> Values:
    """A row of the store that equals `true()`; its key is the case's name unless told."""
    row = {"state": "PAID", "amount_cents": 1250, "note": None, "seen": 9, "own": "mine", "tenant": 7}
    return {**row, **({"order_no": name} if name is not None else {}), **more}


def way(spark: SparkSession, of: Dataset, store: str = STORE, required: Collection[str] = ()) -> WriteMapping:
    """The way back into a store of the schema, at T."""
    return write_mapping(spark, of, frame_of(spark, [], store).schema, at(T), required)


def frames(spark: SparkSession, of: Dataset, cases: Mapping[str, Wrong]) -> tuple[DataFrame, DataFrame]:
    """The tables `verdicts` and `discrepancies` of the cases."""
    shape = DatasetSchema.of(of)
    verdicts = [
        {
            "discrepancy_id": f"d {name}", "id": name, "kind": case.kind, "fault": case.fault,
            "suspect": case.suspect, "truth": case.truth, "truth_unknown": list(case.unknown),
            "other": case.other, "other_unknown": list(case.other_unknown), "copies": len(case.store),
            "later": case.later, "as_of": at(T), **case.more,
        }
        for name, case in cases.items()
    ]  # fmt: skip
    known = [
        {
            "discrepancy_id": f"d {name}", "id": name, "status": case.status, "episode": case.episode,
            "wait_streak": case.streak, "as_of": at(T),
        }
        for name, case in cases.items()
    ]  # fmt: skip
    told = frame_of(spark, verdicts, table_schema(VERDICTS, shape))
    return told, frame_of(spark, known, table_schema(DISCREPANCIES, shape))


def planned(
    spark: SparkSession,
    of: Dataset,
    cases: Mapping[str, Wrong],
    store: str = STORE,
    required: Collection[str] = (),
) -> dict[str, Row]:
    """The plan by case, of all cases in one job."""
    rows = [{"order_no": name, **row} for name, case in cases.items() for row in case.store]
    verdicts, discrepancies = frames(spark, of, cases)
    back = way(spark, of, store, required)
    kept = existing_by_key(frame_of(spark, rows, store), verdicts.select("id"), back)
    return {row["id"]: row for row in plan(verdicts, discrepancies, kept, back, at(T)).collect()}
