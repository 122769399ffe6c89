"""Damage: an undamaged life -> the same with one thing wrong: events, processor, change log or store.

Each damage is a function of a life, or makes one. True events never change, only what the legs have of them.
"""

from collections.abc import Callable
from dataclasses import replace

from jobs.demo.life import Key, Life, Row
from jobs.demo.orders import Order

Damage = Callable[[Life], Life]
Ghost = Callable[[Key], Row]  # the row of a key that no event names

ROGUE_CENTS = 100_707  # by so much a rogue amount is off: no adjustment reaches it


def none(life: Life) -> Life:
    """No damage: the script itself is the fault."""
    return life


def both(first: Damage, second: Damage) -> Damage:
    """One damage after the other."""
    return lambda life: second(first(life))


def with_cents(row: Row, change: Callable[[int], int]) -> Row:
    """The order's row with another amount."""
    assert isinstance(row, Order)
    return replace(row, amount_cents=change(row.amount_cents))
