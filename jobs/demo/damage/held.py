"""Held: an undamaged life -> the same with the store's row overwritten, lost, restored or doubled."""

from dataclasses import replace

from jobs.demo.damage import GHOST, Damage, with_cents
from jobs.demo.life import Life


def more_by(cents: int) -> Damage:
    """The store's amount is so many cents more."""
    return lambda life: replace(life, held=(with_cents(life.held[0], life.held[0].amount_cents + cents),))


def refunded(life: Life) -> Life:
    """The store's status is one that no event gives."""
    return replace(life, held=(replace(life.held[0], state="REFUNDED"),))


def shouted(life: Life) -> Life:
    """The store's note is in capitals."""
    note = (life.held[0].note or "made up").upper()
    return replace(life, held=(replace(life.held[0], note=note),))


def nothing(life: Life) -> Life:
    """The store lost the row."""
    return replace(life, held=())


def planted(life: Life) -> Life:
    """The store holds a row that nobody said or logged."""
    return replace(life, held=(replace(GHOST, id=life.key),))


def before(back: int) -> Damage:
    """The store holds the row as it was so many changes ago."""
    return lambda life: replace(life, held=(life.log[-1 - back].row,))


def doubled(life: Life) -> Life:
    """The store holds the row twice."""
    return replace(life, held=life.held * 2)


def beside_its_old_self(life: Life) -> Life:
    """The store holds the row, and what it was before the last change."""
    return replace(life, held=(life.log[-2].row, *life.held))
