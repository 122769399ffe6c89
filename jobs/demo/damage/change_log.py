"""Change log: an undamaged life -> the same with the change log at fault, the store right."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from jobs.demo.damage import Damage, with_cents
from jobs.demo.life import Life
from jobs.demo.orders import FIELDS

_MINUTE = timedelta(minutes=1)
_CENTS = 1 + FIELDS.index("amount_cents")  # Op stands first
_CUT = 4


def twice(life: Life) -> Life:
    """Every change again in a later file, as after a restart of the replication."""
    copies = tuple(replace(each, arrival=each.arrival + 300 * _MINUTE) for each in life.log)
    return replace(life, log=life.log + copies)


def backwards(life: Life) -> Life:
    """The changes arrive in reverse, over several files."""
    end, count = life.log[-1].arrival, len(life.log)
    late = [replace(each, arrival=end + (count - n) * 120 * _MINUTE) for n, each in enumerate(life.log)]
    return replace(life, log=tuple(late))


def without_last(life: Life) -> Life:
    """The last change is not in the log."""
    return replace(life, log=life.log[:-1])


def hundredfold(life: Life) -> Life:
    """The last change stands in the log with a hundred times its amount."""
    last = life.log[-1]
    garbled = replace(last, row=with_cents(last.row, lambda had: had * 100))
    return replace(life, log=(*life.log[:-1], garbled))


def unparsable(position: int) -> Damage:
    """A change whose amount is no number."""
    return _spoiled(position, lambda cells: (*cells[:_CENTS], "n/a", *cells[_CENTS + 1 :]))


def cut_off(position: int) -> Damage:
    """A change that lost its last cells."""
    return _spoiled(position, lambda cells: cells[:_CUT])


def _spoiled(position: int, spoil: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Damage:
    def damage(life: Life) -> Life:
        log = list(life.log)
        log[position] = replace(log[position], spoiled=spoil(log[position].cells))
        return replace(life, log=tuple(log))

    return damage
