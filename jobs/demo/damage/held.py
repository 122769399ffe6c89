"""Held: an undamaged life -> the same with the store's row overwritten, lost, restored or doubled."""

from dataclasses import replace
from typing import Any, cast

from jobs.demo.damage import Damage, Ghost, with_cents
from jobs.demo.life import Life
from jobs.demo.orders import Order


def more_by(cents: int) -> Damage:
    """The store's amount is so many cents more."""
    return lambda life: replace(life, held=(with_cents(life.held[0], lambda had: had + cents),))


def overwritten(**values: object) -> Damage:
    """The store's row has values that no event gives."""
    return lambda life: replace(life, held=(replace(cast(Any, life.held[0]), **values),))


def shouted(life: Life) -> Life:
    """The store's note is in capitals."""
    (row,) = life.held
    assert isinstance(row, Order)
    return replace(life, held=(replace(row, note=(row.note or "made up").upper()),))


def nothing(life: Life) -> Life:
    """The store lost the row."""
    return replace(life, held=())


def planted(ghost: Ghost) -> Damage:
    """The store holds a row that nobody said or logged."""
    return lambda life: replace(life, held=(ghost(life.key),))


def before(back: int) -> Damage:
    """The store holds the row as it was so many changes ago."""
    return lambda life: replace(life, held=(life.log[-1 - back].row,))


def doubled(life: Life) -> Life:
    """The store holds the row twice."""
    return replace(life, held=life.held * 2)


def beside_its_old_self(life: Life) -> Life:
    """The store holds the row, and what it was before the last change."""
    return replace(life, held=(life.log[-2].row, *life.held))
