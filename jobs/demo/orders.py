"""Orders: the events of an order -> its row in the shop's table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from jobs.demo.life import Event, Key, standing

TENANT = 7
_HARD_DELETED = 5  # every fifth order is deleted outright, the others by their deleted_at
_STATES = {"OrderPaid": "PAID", "OrderShipped": "SHIPPED", "OrderArchived": "ARCHIVED"}


@dataclass(frozen=True, slots=True)
class Order:
    """A row of the orders' table, which another tenant has rows in as well."""

    COLUMNS: ClassVar[tuple[str, ...]] = (
        "id", "customer_id", "state", "amount_cents", "note", "tenant_id", "deleted_at"
    )  # fmt: skip
    id: int
    customer_id: int
    state: str
    amount_cents: int
    note: str | None
    tenant_id: int = TENANT
    deleted_at: datetime | None = None

    @property
    def key(self) -> int:
        """The order's number."""
        return self.id

    def deleted(self, commit: datetime) -> "Order | None":
        """The row with the instant of its deletion; None where the row is removed."""
        return replace(self, deleted_at=commit) if self.id % _HARD_DELETED else None


FIELDS = ("commit_ts", "change_seq", *Order.COLUMNS)  # of a line of the change log, after its Op


def state(events: Sequence[Event]) -> Order | None:
    """The row that the events make, None where the order is not there (yet, or any more)."""
    row: Order | None = None
    for event in standing(events):
        row = _applied(row, event)
    return row


def ghost(key: Key) -> Order:
    """The row of an order that nobody placed."""
    assert isinstance(key, int)
    return Order(key, 777, "PAID", 12_345, "nobody placed this")


def in_cents(amount: object) -> int:
    """An amount of an event in cents."""
    return round(float(str(amount)) * 100)


def _applied(row: Order | None, event: Event) -> Order | None:
    data = event.data
    if event.type == "OrderPlaced":
        return Order(
            event.key, int(str(data["customer_id"])), "PLACED", in_cents(data["amount"]), _note(data)
        )
    if row is None or event.type == "OrderCancelled":
        return None
    if event.type == "OrderAdjusted":
        return replace(row, amount_cents=row.amount_cents + in_cents(data["delta"]))
    if event.type == "NoteChanged":
        return replace(row, note=_note(data))
    return replace(row, state=_STATES.get(event.type, row.state))


def _note(data: Mapping[str, object]) -> str | None:
    return str(data.get("note") or "").strip(" ") or None
