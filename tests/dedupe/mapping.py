"""A dataset's configuration and records in memory -> what the mapping makes of them."""

from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.dedupe.mapping import Mapped, map_records
from jobs.settings import Project, load
from jobs.spark.cache import CacheScope
from jobs.spark.rows import frame_of
from tests.builders.configuration import configured

_RECORDS = (
    "file string, etag string, row_number bigint, record string, header string, kind string, "
    "modified_at timestamp, batch bigint"
)
CONFIG = """
    version: 1
    dataset: orders
    key: [order_id]
    columns: {order_id: bigint, status: string, amount: 'decimal(12,2)', note: string}
    events:
      path: /raw/events/
      dialect: cloudevents
      format: json
      order: [data.version]
      key: {order_id: data.id}
      other_types: reject
      apply:
        Placed:
          creates: true
          set: {status: {value: PLACED}, amount: data.amount, note: data.note}
        Paid: {set: {status: {value: PAID}}}
        Rounded: {set: {amount: {sql: 'round(cast(data.amount as decimal(20,6)), 2)'}}}
        Adjusted: {add: {amount: data.delta}}
        Cancelled: {delete: true}
        Reverted: {revert: data.event}
        Merged:
          - {key: {order_id: data.from}, delete: true}
          - {set: {note: data.note}}
        Shipped: {each: data.lines, key: {order_id: item.id}, set: {note: item.note}}
    changes:
      path: /raw/cdc/
      dialect: dms
      format: csv
      fields: [ts, seq, id, state, amount, note, tenant, gone]
      timestamp_column: ts
      unsaid_token: '~'
      order: [seq]
      select: {order_id: id, status: state, amount: amount, note: note}
      where: tenant = 'eu'
      deleted: gone
    target:
      format: csv
      path: /raw/store/
      select: {order_id: id, status: state, amount: amount, note: note}
      as_of: {at: 2026-11-23T00:00:00Z}
    reconcile: {truth: events, grace: 15 minutes}
"""


def project(folder: Path, config: str = CONFIG) -> Project:
    """Load the configuration."""
    return load(str(configured(folder, config, lake="/lake")))


def records(spark: SparkSession, kind: str, files: dict[str, list[str]]) -> DataFrame:
    """Records of files as ingest leaves them; files named LOAD... are a full load."""
    rows: list[dict[str, Any]] = [
        {"file": file, "etag": "e", "row_number": n, "record": record, "batch": 1,
         "kind": "load" if file.rsplit("/", 1)[-1].startswith("LOAD") else kind}
        for file, lines in files.items()
        for n, record in enumerate(lines, 1)
    ]  # fmt: skip
    return frame_of(spark, rows, _RECORDS)


def mapped(spark: SparkSession, of: Project, leg: str, files: dict[str, list[str]]) -> Mapped:
    """Map the records of one leg of the dataset."""
    dataset = of.datasets["orders"]
    source = of.source_of(dataset, "events" if leg == "events" else "changes")
    new = records(spark, "event" if leg == "events" else "change", files)
    return map_records(dataset, source, leg, new, CacheScope())
