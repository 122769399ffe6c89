"""Entity: a dataset of the demo -> its names, its table's columns, and which repairs need no person."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobs.demo.life import Key, Row
from jobs.demo.lines import Line
from jobs.demo.orders import Order

EVENTS_SOURCE = "shop_events"  # read once, for both datasets


@dataclass(frozen=True)
class Entity:
    """A dataset and the table of the shop that it watches; conf/datasets/<name>.yml has the same."""

    name: str
    noun: str  # what one key of it is
    row: type[Row]
    key: tuple[str, ...]  # the dataset's key columns
    sources: tuple[str, ...]  # those whose rejects are counted with it
    automatic: tuple[str, ...]  # R24: the kinds of a fault of the store that the policy repairs by itself
    approved: str | None = None  # the fault of which a person approves one repair

    def count(self, number: int) -> str:
        """A number of keys, as text."""
        return f"{number} {self.noun}{'s' if number != 1 else ''}"

    def key_of(self, row: Mapping[str, Any]) -> Key:
        """The key of a row that has the dataset's key columns."""
        first, *others = (row[column] for column in self.key)
        return (first, *others) if others else first

    @property
    def store(self) -> str:
        """Where the shop's own table is, below the inputs."""
        return f"shop-store/{self.name}"

    @property
    def consumer(self) -> str:
        """The channel by which the shipped consumer writes to that table."""
        return f"{self.name}_store"


ORDERS = Entity(
    "orders", "order", Order, ("order_id",), (EVENTS_SOURCE, "orders_changes"),
    ("missing", "mismatch", "stale"), approved="row_planted",
)  # fmt: skip
ORDER_LINES = Entity(
    "order_lines", "line", Line, ("order_id", "line_no"), ("order_lines_changes",),
    ("missing", "mismatch", "stale", "undeleted"),
)  # fmt: skip
ENTITIES = (ORDERS, ORDER_LINES)
