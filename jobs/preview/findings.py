"""What `tieout check --data` finds in a few files of each leg and in the store -> frozen values."""

from dataclasses import dataclass

from jobs.console.printing import Printed

# What is found, in the order in which it is shown.
UNKNOWN = "nothing reads it"
MISSING = "no record has it"
MISFIT = "does not fit"
REFUSED = "refused"
ORDER = "another order"
WIDER = "a wider type"
OTHER_TYPE = "another type"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that the mapping does not expect of a field or column.

    `records`: in how many of those looked at, None of a whole store. `example`: a value, a type or a reason,
    masked where the column is.
    """

    what: str
    name: str
    records: int | None = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class LegData:
    """What a few files of a leg, or the store, show beside the mapping.

    `missing`: why nothing could be read; `faults`: files that could not.
    """

    leg: str
    source: str
    path: str
    files: tuple[str, ...] = ()
    looked_at: int = 0
    findings: tuple[Finding, ...] = ()
    missing: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataCheck(Printed):
    """The inputs of a dataset beside its mapping, as far as a few files tell."""

    dataset: str
    legs: tuple[LegData, ...]

    @property
    def is_whole(self) -> bool:
        """Whether everything that was to be looked at could be read."""
        return not any(leg.missing or leg.faults for leg in self.legs)
