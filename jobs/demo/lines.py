"""Lines: an order -> the same order with its lines in its events, and a life for each of the lines."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, cast

from jobs.demo.life import Event, Key, Life, Script, standing, undamaged

MOST = 4  # lines of one order
NOBODYS = 9  # the number of a line that no order has
_ARTICLES = ("lamp", "kettle", "chair", "rug", "clock", "shelf")
# These events list the lines that they are about.
_NAMING = ("OrderPlaced", "OrderShipped", "OrderCancelled", "ChangeReverted")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the lines' table; its key is two columns, and a deletion removes it."""

    COLUMNS: ClassVar[tuple[str, ...]] = ("order_id", "line_no", "article", "quantity", "state")
    order_id: int
    line_no: int
    article: str
    quantity: int
    state: str

    @property
    def key(self) -> tuple[int, int]:
        """The order's number and the line's own."""
        return self.order_id, self.line_no

    def deleted(self, commit: datetime) -> None:
        """None: the row is removed."""


def with_lines(order: Life) -> Life:
    """The order with two to four lines in its events; the same ones every time."""
    rng = random.Random(order.key if isinstance(order.key, int) else 0)  # noqa: S311 (made-up data)
    articles = rng.sample(_ARTICLES, rng.randint(2, MOST))
    lines = [
        {"no": number, "article": article, "quantity": rng.randint(1, 9)}
        for number, article in enumerate(articles, 1)
    ]
    events = [_naming(event, lines) for event in order.events]
    return undamaged(order.key, order.script, order.state, events)


def lines_of(order: Life) -> list[Life]:
    """The lives of the order's lines, and of one that it never had.

    They have no deliveries: the order's own life has them.
    """
    assert isinstance(order.key, int)
    placed = cast(list[dict[str, Any]], order.events[0].data["lines"])
    lives = [_life(order, line["no"], order.script, order.events) for line in placed]
    return [*lives, _life(order, NOBODYS, Script(""), ())]


def ghost(key: Key) -> Line:
    """The row of a line that nobody ordered."""
    assert isinstance(key, tuple)
    return Line(*key, "gift", 1, "OPEN")


def _naming(event: Event, lines: Sequence[dict[str, Any]]) -> Event:
    if event.type not in _NAMING:
        return event
    named = lines if event.type == "OrderPlaced" else [{"no": line["no"]} for line in lines]
    return replace(event, data={**event.data, "lines": named})


def _life(order: Life, number: int, script: Script, events: Sequence[Event]) -> Life:
    assert isinstance(order.key, int)
    life = undamaged((order.key, number), script, partial(_state, number), events)
    return replace(life, deliveries=())


def _state(number: int, events: Sequence[Event]) -> Line | None:
    """The row that the events make of the line of this number."""
    row: Line | None = None
    for event in standing(events):
        row = _applied(row, event, number)
    return row


def _applied(row: Line | None, event: Event, number: int) -> Line | None:
    if event.type == "OrderPlaced":
        (line,) = (each for each in cast(list[dict[str, Any]], event.data["lines"]) if each["no"] == number)
        return Line(event.key, number, line["article"], line["quantity"], "OPEN")
    if row is None or event.type == "OrderCancelled":
        return None
    return replace(row, state="SHIPPED") if event.type == "OrderShipped" else row
