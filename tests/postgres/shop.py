"""Shop: a project whose target is a table in the test's own database."""

from pathlib import Path

from jobs.settings import Project, load
from tests.postgres.server import Database

_TIEOUT = """
version: 1
lake: {lake}
connections:
  shop_db: {{url: "{url}", user: {user}, password: "${{DB_PASSWORD}}"}}
"""
_DATASET = """
version: 1
dataset: orders
key: [order_id]
columns: {{order_id: bigint, status: string, amount: "decimal(12,2)"}}
events:
  path: {lake}/../raw/
  dialect: envelope
  format: json
  id: id
  type: type
  time: time
  data: data
  order: [data.version]
  key: {{order_id: data.order_id}}
  apply:
    Placed:
      creates: true
      set: {{status: {{value: PLACED}}, amount: data.amount}}
target:
  format: jdbc
  connection: shop_db
  table: {table}
  select: {{order_id: id, status: state, amount: {{sql: "cents / 100.00", write: {{cents: amount * 100}}}}}}
  as_of: {{clock: true}}
"""


def shop(folder: Path, database: Database, table: str = "shop.orders") -> Project:
    """The project, its lake and its configuration below a folder."""
    values = {
        "lake": str(folder / "lake"), "url": database.url, "user": database.user, "table": f"'{table}'"
    }  # fmt: skip
    (folder / "conf" / "datasets").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "tieout.yml").write_text(_TIEOUT.format(**values))
    (folder / "conf" / "datasets" / "orders.yml").write_text(_DATASET.format(**values))
    return load(str(folder / "conf"), None)
