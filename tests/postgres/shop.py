"""Shop: a project whose target is a table in the test's own database."""

from pathlib import Path

from jobs.settings import Project, load
from tests.builders.configuration import configured
from tests.postgres.server import Database

_DATASET = """
version: 1
dataset: orders
key: [order_id]
columns: {order_id: bigint, status: string, amount: "decimal(12,2)"}
events:
  path: ROOT/raw/
  dialect: envelope
  format: json
  id: id
  type: type
  time: time
  data: data
  order: [data.version]
  key: {order_id: data.order_id}
  apply:
    Placed:
      creates: true
      set: {status: {value: PLACED}, amount: data.amount}
target:
  format: jdbc
  connection: shop_db
  table: TABLE
  select: {order_id: id, status: state, amount: {sql: "cents / 100.00", write: {cents: amount * 100}}}
  as_of: {clock: true}
"""


def shop(folder: Path, database: Database, table: str = "shop.orders") -> Project:
    """The project, its lake and its configuration below a folder."""
    login = f'url: "{database.url}", user: {database.user}, password: "${{DB_PASSWORD}}"'
    dataset = _DATASET.replace("TABLE", f"'{table}'")
    return load(str(configured(folder, dataset, f"connections: {{shop_db: {{{login}}}}}")))
