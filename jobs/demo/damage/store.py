"""Store: an undamaged life -> the same with the store's row overwritten, lost, restored or doubled."""

from dataclasses import replace
from typing import Any, cast

from jobs.demo.damage import Damage, Ghost, with_cents
from jobs.demo.life import Life
from jobs.demo.orders import Order


def more_by(cents: int) -> Damage:
    """The store's amount is so many cents more."""
    return lambda life: replace(life, store_rows=(with_cents(life.store_rows[0], lambda had: had + cents),))


def overwritten(**values: object) -> Damage:
    """The store's row has values that no event gives."""
    return lambda life: replace(life, store_rows=(replace(cast(Any, life.store_rows[0]), **values),))


def shouted(life: Life) -> Life:
    """The store's note is in capitals."""
    (row,) = life.store_rows
    assert isinstance(row, Order)
    return replace(life, store_rows=(replace(row, note=(row.note or "made up").upper()),))


def nothing(life: Life) -> Life:
    """The store lost the row."""
    return replace(life, store_rows=())


def planted(ghost: Ghost) -> Damage:
    """The store holds a row that no event names and no change logged."""
    return lambda life: replace(life, store_rows=(ghost(life.key),))


def before(back: int) -> Damage:
    """The store holds the row as it was so many changes ago."""
    return lambda life: replace(life, store_rows=(life.log[-1 - back].row,))


def doubled(life: Life) -> Life:
    """The store holds the row twice."""
    return replace(life, store_rows=life.store_rows * 2)


def beside_previous_row(life: Life) -> Life:
    """The store holds the row, and what it was before the last change."""
    return replace(life, store_rows=(life.log[-2].row, *life.store_rows))
