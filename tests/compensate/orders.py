"""Orders: a project whose store is a small Delta table, and repairs of it, all written without Spark."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import write_deltalake

from jobs.compensate.compensation import Compensation
from jobs.lake.arrow import arrow_schema
from jobs.lake.schema import DatasetSchema
from jobs.lake.tables import COMPENSATIONS, OF_DATASETS
from jobs.settings import Project
from tests.builders.delta import delta_rows

NAME = "orders"
AT = datetime(2026, 11, 23, tzinfo=UTC)
COLUMNS = OF_DATASETS[COMPENSATIONS].columns(DatasetSchema(("order_id",), {"order_id": "bigint"}))
STORE = {"id": pa.int64(), "state": pa.string(), "cents": pa.int64(), "price": pa.decimal128(12, 2),
         "note": pa.string(), "owner": pa.string()}  # fmt: skip


def project(root: Path, channels: Mapping[str, Any] | None = None, **dataset: Any) -> Project:
    """A project over `root`; `dataset` are keys of the dataset to be said otherwise."""
    said = {
        "dataset": NAME,
        "key": ["order_id"],
        "columns": {"order_id": "bigint", "status": "string", "amount": "decimal(12,2)", "note": "string"},
        "target": {
            "format": "delta",
            "path": str(root / "store"),
            "select": {
                "order_id": "id",
                "status": "state",
                "amount": {"sql": "cents / 100.00", "write": {"cents": "amount * 100"}},
                "note": "note",
            },
            "as_of": {"commit": True},
        },
        **dataset,
    }
    return Project.model_validate(
        {"lake": str(root / "lake"), "channels": channels or {}, "datasets": {NAME: said}, "config": "conf"}
    )


def held(id_: int, state: str | None = "NEW", cents: int = 1000, **more: Any) -> dict[str, Any]:
    """A row of the store."""
    return {
        "id": id_,
        "state": state,
        "cents": cents,
        "price": Decimal("1.50"),
        "note": "n",
        "owner": "o",
        **more,
    }


def write_store(path: Path | str, rows: Iterable[Mapping[str, Any]], **options: Any) -> str:
    """The store's table, written anew."""
    table = pa.Table.from_pylist([dict(row) for row in rows], pa.schema(STORE))
    write_deltalake(str(path), table, mode="overwrite", **options)
    return str(path)


def stored(path: Path | str) -> list[dict[str, Any]]:
    """All rows of the store, in order."""
    return sorted(delta_rows(path), key=lambda row: (row["id"], str(row)))


def seen(id_: int, state: str | None = "NEW", **more: Any) -> dict[str, Any]:
    """What a guard says of a row of the store."""
    return {"id": str(id_), "state": state, "cents": "1000", **more}


def repair(
    name: str,
    id_: int,
    action: str = "update",
    guard: Any = None,
    write: Mapping[str, Any] | None = None,
    status: str = "approved",
    **more: Any,
) -> dict[str, Any]:
    """A row of `compensations`; unsaid, it updates a row as `held` makes it."""
    guard = seen(id_) if guard is None else guard
    row = None if action == "delete" else {"order_id": str(id_), "status": "PAID", "amount": "10.00"}
    said = {"state": "PAID"} if write is None and action == "update" else write
    return {
        "compensation_id": name, "discrepancy_id": f"d{id_}", "episode": 1, "dataset": NAME,
        "key": json.dumps({"order_id": str(id_)}), "order_id": id_, "action": action,
        "row": row and json.dumps(row), "guard": json.dumps(guard),
        "write": None if said is None else json.dumps(said),
        "rule": "default", "status": status, "proposed_at": AT, "approved_at": AT, "approved_by": "policy",
        "attempts": 0, "try_number": 1, "run_id": "r", **more,
    }  # fmt: skip


def compensation(
    name: str,
    id_: int,
    action: str = "update",
    guard: Any = None,
    write: Mapping[str, Any] | None = None,
) -> Compensation:
    """The same as a value."""
    from jobs.compensate.compensation import of_row

    return of_row(repair(name, id_, action, guard, write))


def book(owner: Project) -> str:
    """Where the compensations lie."""
    return f"{owner.lake}/{NAME}/compensations"


def propose(owner: Project, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the table of compensations."""
    table = pa.Table.from_pylist([dict(row) for row in rows], arrow_schema(COLUMNS))
    write_deltalake(book(owner), table, mode="overwrite")
    version_said(book(owner), 1)


def version_said(path: str, version: int) -> None:
    """Give a new table the property of Tieout's tables, which only Spark can write."""
    log = Path(path, "_delta_log", f"{0:020}.json")
    property_ = f'"configuration":{{"tieout.schema_version":"{version}"}}'
    log.write_text(log.read_text().replace('"configuration":{}', property_))


def recorded(owner: Project) -> dict[str, dict[str, Any]]:
    """The table of compensations, by id."""
    return {row["compensation_id"]: row for row in delta_rows(book(owner))}


def statuses(owner: Project) -> dict[str, str]:
    """The status of each compensation."""
    return {name: row["status"] for name, row in recorded(owner).items()}


def rejects(owner: Project) -> list[dict[str, Any]]:
    """The dataset's rejects."""
    return delta_rows(f"{owner.lake}/{NAME}/rejects")
