"""Compensations -> apply results: what any store that they are applied to must promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from jobs.compensate.compensation import Applied, Compensation

# Why a guard does not hold, alike for every store. None names a value: outcomes are shown to everyone.
GONE = "guard: the row is no longer there"
THERE = "guard: a row of the key is there by now"
CHANGED = "guard: the row was changed since it was seen"
COPIES = "guard: the store holds another number of rows of the key than was seen"
REFUSALS = (GONE, THERE, CHANGED, COPIES)


@dataclass(frozen=True)
class Place:
    """A table as people read it: its name, and the mark that its SQL puts around a column's name."""

    name: str
    mark: str = '"'

    def quoted(self, column: str) -> str:
        """A column's name as the table's SQL writes it."""
        return f"{self.mark}{column.replace(self.mark, self.mark * 2)}{self.mark}"


class Store(Protocol):
    """A table that is repaired, with its ledger: the result of each compensation.

    A compensation's rows are all rows of the table that have its key (null-safe, `Compensation.key_in`). Its
    guard holds where they are just the rows seen, as a multiset, on the columns that the guard names; values
    are compared exactly (null = null, NaN = NaN, strings as bytes), each in the column's own type. Then:

    - `insert` of an absent key inserts `write`; the columns it does not say are null, or the table's default;
    - `update` sets the columns of `write` and leaves the others alone;
    - `delete` removes the rows, or sets `write` in them where it says something (a soft delete);
    - `insert` or `update` over several copies (`Compensation.joins`) removes all and inserts `write` once;
      columns that it does not say keep the value on which all copies agree, else null.
    """

    @property
    def place(self) -> Place:
        """The table, to be shown; nobody is asked for it."""
        ...

    def apply(self, compensations: Sequence[Compensation]) -> list[Applied]:
        """Apply each at most once, ever, and return a result for each, in order.

        The write and its entry in the ledger are one transaction; so are a refusal and its entry. One that
        is in the ledger already has the result of then, and nothing is written. Of two of one key the second
        sees what the first wrote. A failure is returned, not kept in the ledger: it may be tried again.

        Raises:
            RetryableError: the store is out of reach or too busy; what was applied before is in the ledger.
            InputError: there is no such table, or it cannot be written at all.
        """
        ...

    def recorded_results(self, compensation_ids: Sequence[str]) -> dict[str, Applied]:
        """The results that the ledger holds of some compensations; nothing is written."""
        ...


def mismatch(expected: int, existing: int) -> str:
    """Return why a guard does not hold, from how many rows were seen and how many are held now."""
    if existing == expected:
        return CHANGED
    if existing == 0:
        return GONE
    return THERE if expected == 0 else COPIES
