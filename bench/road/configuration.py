"""The configurations that the road is run with: of the shop, of one large load, of events alone."""

from collections.abc import Callable
from pathlib import Path

Writer = Callable[[Path], None]

_STORED = ["currency", "note", "channel", "country", "qty", "discount", "created_at", "updated_at"]
_PLACED = ["customer_id", "amount", "currency", "note", "channel", "country", "qty", "discount"]
_COLUMNS = {
    "order_id": "bigint", "customer_id": "int", "status": "string", "amount": "decimal(12,2)",
    "currency": "string", "note": "string", "channel": "string", "country": "string", "qty": "int",
    "discount": "decimal(6,3)", "created_at": "timestamp", "updated_at": "timestamp",
}  # fmt: skip
_SELECT = {
    "order_id": "order_id", "customer_id": "customer_id", "status": "state",
    "amount": "{sql: amount_cents / 100.00, write: {amount_cents: amount * 100}}",
    **{name: name for name in _STORED},
}  # fmt: skip
_FIELDS = f"  fields: [committed_at, seq, order_id, customer_id, state, amount_cents, {', '.join(_STORED)}]\n"

_HEAD = """
version: 1
dataset: {name}
key: [order_id]
columns: {{{columns}}}
"""
_EVENTS = """
events:
  path: events/
  dialect: cloudevents
  format: json
  order: [data.version]
  key: {{order_id: data.order_id}}
  apply:
    OrderPlaced:
      creates: true
      set: {{{placed}, status: {{value: PLACED}}, created_at: time, updated_at: time}}
    OrderPaid:
      set: {{status: {{value: PAID}}, updated_at: time}}
    OrderShipped:
      set: {{status: {{value: SHIPPED}}, updated_at: time}}
    OrderAdjusted:
      add: {{amount: data.delta}}
      set: {{updated_at: time}}
"""
_CHANGES = """
changes:
  path: cdc/
  dialect: dms
  format: {format}
{fields}  timestamp_column: committed_at
  load_complete: true
  order: [seq]
  select: {{{select}}}
"""
_TARGET = """
target:
  path: store/
  format: parquet
  select: {{{select}}}
  as_of: {{path: "dt=%Y-%m-%d"}}
reconcile:
  truth: {truth}
  grace: 15 minutes
"""


def write_orders(folder: Path) -> None:
    """Write the configuration of the shop: events, changes and the store, twelve columns."""
    _write(folder, "orders", _HEAD + _EVENTS + _CHANGES + _TARGET, truth="events")


def write_changes(folder: Path) -> None:
    """Write a configuration of a change log and a store."""
    _write(folder, "orders", _HEAD + _CHANGES + _TARGET, truth="changes")


def write_parquet(folder: Path) -> None:
    """Write the same of a change log in Parquet."""
    _write(folder, "orders", _HEAD + _CHANGES + _TARGET, truth="changes", form="parquet")


def write_events(folder: Path) -> None:
    """Write a configuration of events and a store."""
    _write(folder, "orders", _HEAD + _EVENTS + _TARGET, truth="events")


def write_session(folder: Path, heap: str | None) -> None:
    """Write what a run of the folder's configuration works in: two cores, and the heap; None: the default."""
    settings = {"spark.master": "'local[2]'"} | ({"spark.driver.memory": heap} if heap else {})
    text = f"version: 1\nlake: lake\nspark: {{{_mapping(settings)}}}\n"
    (folder / "conf" / "tieout.yml").write_text(text)


def _write(folder: Path, name: str, text: str, truth: str, form: str = "csv") -> None:
    datasets = folder / "conf" / "datasets"
    datasets.mkdir(parents=True, exist_ok=True)
    filled = text.format(
        name=name, truth=truth, format=form, fields=_FIELDS if form == "csv" else "",
        columns=_mapping({column: f"'{type_}'" for column, type_ in _COLUMNS.items()}),
        placed=_mapping({column: f"data.{column}" for column in _PLACED}),
        select=_mapping(_SELECT),
    )  # fmt: skip
    (datasets / f"{name}.yml").write_text(filled)


def _mapping(pairs: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in pairs.items())
