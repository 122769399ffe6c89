"""Cells: what each leg holds of one column -> frozen values that every rendering shares."""

from dataclasses import dataclass
from typing import Literal

from jobs.lake.vocabulary import Side

Form = Literal["value", "null", "unknown", "absent"]


@dataclass(frozen=True, slots=True)
class Held:
    """What one leg holds in one column: a value, null, nothing it ever said, or no row at all."""

    text: str
    form: Form = "value"


@dataclass(frozen=True, slots=True)
class Cell:
    """One column of a sample over the legs; `odd` names the legs that do not say what truth says."""

    column: str
    events: Held
    changes: Held
    target: Held
    differs: bool
    odd: tuple[Side, ...] = ()

    def of(self, side: Side) -> Held:
        """What the named leg holds."""
        held: Held = getattr(self, side)
        return held
