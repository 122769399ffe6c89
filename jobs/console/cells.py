"""Cells: each leg's value of one column -> frozen values that every rendering shares."""

from dataclasses import dataclass
from typing import Literal

from jobs.lake.vocabulary import Side

Form = Literal["value", "null", "unknown", "absent"]


@dataclass(frozen=True, slots=True)
class LegValue:
    """The value of one leg in one column: a value, null, unknown to the leg, or no row at all."""

    text: str
    form: Form = "value"


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a sample over the legs; `odd` names the legs that differ from truth."""

    column: str
    events: LegValue
    changes: LegValue
    target: LegValue
    differs: bool
    odd: tuple[Side, ...] = ()

    def of(self, side: Side) -> LegValue:
        """The named leg's value."""
        value: LegValue = getattr(self, side)
        return value
