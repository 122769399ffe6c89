"""Folder: a small configuration that is correct until a test says otherwise."""

import textwrap
from dataclasses import dataclass
from pathlib import Path

from jobs.settings import Project, SettingsError, load
from tests.builders.configuration import put

_TIEOUT = """
    version: 1
    lake: /lake
    channels:
      outbox: {delta: /outbox}
    connections:
      shop_db: {url: "jdbc:postgresql://db/shop", user: tieout, password: "${SHOP_PASSWORD}"}
"""
_SOURCE = """
    version: 1
    source: shop
    path: /raw/events/
    dialect: cloudevents
    format: json
"""
_DATASET = """
    version: 1
    dataset: orders
    key: [order_id]
    columns:
      order_id: bigint
      status: string
      amount: decimal(12,2)
      paid_at: timestamp
    events:
      source: shop
      order: [data.version]
      key: {order_id: data.order_id}
      apply:
        Placed:
          creates: true
          set: {status: {value: PLACED}, amount: data.amount}
        Adjusted:
          add: {amount: data.delta}
        Cancelled:
          delete: true
    changes:
      path: /cdc/orders/
      dialect: dms
      format: csv
      fields: [commit_ts, seq, id, state, cents]
      timestamp_column: commit_ts
      load_complete: true
      order: [seq]
      select: &store
        order_id: id
        status: state
        amount: {sql: cents / 100.00, write: {cents: amount * 100}}
      without: &lacked [paid_at]
    target:
      format: parquet
      path: /snapshots/orders/
      select: *store
      without: *lacked
      as_of: {at: 2026-11-23T00:00:00Z}
"""


@dataclass(frozen=True)
class Folder:
    """A configuration folder that is correct until a test says otherwise."""

    root: Path

    def write(self, name: str, text: str) -> None:
        put(self.root / name, textwrap.dedent(text).lstrip("\n"))

    def edit(self, name: str, old: str, new: str) -> None:
        """Replaces a text that stands in the file exactly once."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def dataset(self, old: str, new: str) -> None:
        self.edit("datasets/orders.yml", old, new)

    def load(self, env: str | None = None) -> Project:
        return load(str(self.root), env)

    def mistakes(self, env: str | None = None) -> list[str]:
        """Every mistake, with the files named as in the folder; none where it loads."""
        try:
            self.load(env)
        except SettingsError as error:
            return [str(problem).replace(f"{self.root}/", "") for problem in error.problems]
        return []

    def mistake(self, env: str | None = None) -> str:
        """The only mistake."""
        (only,) = self.mistakes(env)
        return only


def correct(root: Path) -> Folder:
    """A new folder with a correct configuration."""
    made = Folder(root)
    made.write("tieout.yml", _TIEOUT)
    made.write("sources/shop.yml", _SOURCE)
    made.write("datasets/orders.yml", _DATASET)
    return made
