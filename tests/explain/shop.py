"""Shop: a handful of orders with known troubles, as files and a configuration; judged once by the stages."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.dedupe import job as dedupe
from jobs.ingest import job as ingest
from jobs.reconcile import job as reconcile
from jobs.run.context import RunContext
from jobs.run.pinning import freeze
from jobs.settings import Project, load
from jobs.spark.delta import Storage
from jobs.state import job as state
from jobs.storage.objects import Objects
from tests.builders.configuration import configured, written
from tests.builders.contexts import T
from tests.builders.records import cloud_event

NAME = "orders"
_CONFIG = """
    version: 1
    dataset: orders
    key: [order_id]
    columns: {order_id: bigint, status: string, amount: 'decimal(12,2)', note: string}
    mask: {columns: [note]}
    events:
      path: ROOT/events/
      dialect: cloudevents
      format: json
      order: [data.version]
      BEGINS
      key: {order_id: data.id}
      apply:
        Placed:
          creates: true
          set: {status: {value: PLACED}, amount: data.amount, note: data.note}
        Paid: {set: {status: {value: PAID}}}
        Adjusted: {add: {amount: data.delta}}
        Cancelled: {delete: true}
        Reverted: {revert: data.event}
    changes:
      path: ROOT/cdc/
      dialect: dms
      format: csv
      fields: [ts, seq, id, state, amount, note]
      timestamp_column: ts
      load_complete: true
      order: [seq]
      select: &store {order_id: id, status: state, amount: amount, note: note}
    target:
      format: csv
      path: ROOT/store/
      select: *store
      as_of: {at: 2026-11-23T00:00:00Z}
    reconcile: {truth: events, grace: 15 minutes}
"""


def event(at: int, type_: str, order: object, version: int, hours: float = 24, **data: Any) -> str:
    """An event `e<at>` of an order, so many hours before T."""
    time = T - timedelta(hours=hours)
    return json.dumps(cloud_event(f"e{at}", type_, time, id=order, version=version, **data))


def change(seq: int, op: str, order: int, status: str, amount: str, hours: float = 23.9) -> str:
    """A row of the change log."""
    return f"{op},{T - timedelta(hours=hours):%Y-%m-%d %H:%M:%S},{seq},{order},{status},{amount},n"


# 1: right. 2: the processor added twice. 3: refused. 4: said twice in two ways. 5: reverted. 6: gone.
FIRST = [
    event(1, "Placed", 1, 1, amount="10.00", note="n"),
    event(2, "Placed", 2, 1, amount="10.00", note="n"),
    event(3, "Adjusted", 2, 2, 20, delta="2.50"),
    event(4, "Placed", 3, 1, amount="abc", note="n"),
    event(5, "Placed", 4, 1, amount="10.00", note="n"),
    event(5, "Placed", 4, 1, amount="11.00", note="n"),
    event(6, "Placed", 5, 1, amount="10.00", note="n"),
    event(7, "Paid", 5, 2, 20),
    event(8, "Reverted", 5, 3, 19, event="e7"),
    event(9, "Placed", 6, 1, amount="10.00", note="n"),
    event(10, "Cancelled", 6, 2, 20),
    event(11, "Registered", 1, 1),
]
SECOND = [event(3, "Adjusted", 2, 2, 20, delta="2.50"), event(12, "Paid", 1, 2, -1), "{not json"]
LOG = [
    change(1, "I", 1, "PLACED", "10.00"), change(2, "I", 2, "PLACED", "10.00"),
    change(3, "I", 4, "PLACED", "10.00"), change(4, "I", 5, "PLACED", "10.00"),
    change(5, "I", 6, "PLACED", "10.00"),
    change(6, "U", 2, "PLACED", "15.00", 19.9), change(7, "D", 6, "PLACED", "10.00", 19.9),
]  # fmt: skip
AGAIN = [change(6, "U", 2, "PLACED", "15.00", 19.9)]
STORE = [
    "id,state,amount,note",
    "1,PLACED,10.00,n",
    "2,PLACED,15.00,n",
    "4,PLACED,10.00,n",
    "5,PLACED,10.00,n",
]


def opened(root: Path, since: str | None = None) -> Project:
    """Write the shop's files and its configuration below a folder; `since` is that of the events."""
    begins = f"since: {since}" if since else "other_types: ignore"
    files = {
        "events/2026-11-22.json": "\n".join(FIRST),
        "events/2026-11-23.json": "\n".join(SECOND),
        "cdc/20261122-000000000.csv": "\n".join(LOG) + "\n",
        "cdc/20261123-000000000.csv": "\n".join(AGAIN) + "\n",
        "cdc/LOAD00000001.csv": f"{T - timedelta(hours=48):%Y-%m-%d %H:%M:%S},0,900,OLD,1.00,n\n"
        + f"{T - timedelta(hours=48):%Y-%m-%d %H:%M:%S},0,901,GREEN,1.00,n\n",
        "store/part-0.csv": "\n".join([*STORE, "900,OLD,1.00,n", "901,NIGHT,1.00,n"]) + "\n",
    }
    written(root, files)
    return load(str(configured(root, _CONFIG.replace("BEGINS", begins))))


def judged(root: Path, spark: SparkSession, since: str | None = None) -> Project:
    """The shop, its stages run up to reconcile, two hours after T."""
    project, objects = opened(root, since), Objects()
    dataset = project.datasets[NAME]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIEOUT_NOW", "2026-11-23T02:00:00Z")
        pinned = freeze(project, dataset, objects, None, False)
        run = RunContext(project, dataset, pinned, Storage(spark), objects)
        run = run.with_batches(ingest.execute(run).batches)
        for job in (dedupe, state, reconcile):
            job.execute(run)
    return project
