"""Counts: what a run counted, by leg, kind, fault, reason, column, file and stage -> frozen values."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from jobs.lake.vocabulary import SIDES, Side
from jobs.run.counts import TOTAL, KeyCounts, StageCounts


@dataclass(frozen=True, slots=True)
class FaultCount:
    """Discrepant keys of one kind (R19) and fault (R20), waived ones apart (R22)."""

    kind: str
    fault: str
    open: int
    waived: int = 0

    @property
    def keys(self) -> int:
        """Open and waived together."""
        return self.open + self.waived


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the discrepant keys of a run stand: `capture` are wrong in the change log alone, unwaived.

    Of those there is nothing to repair in the store; `open` are all others that nobody waived.
    """

    open: int = 0
    waived: int = 0
    capture: int = 0

    @classmethod
    def of(cls, total: KeyCounts, faults: Iterable[FaultCount]) -> "Standing":
        """Sum up the faults; where none are listed (R23), every discrepant key counts as open."""
        listed = tuple(faults)
        if not listed:
            return cls(total.discrepant)
        return cls(
            sum(count.open for count in listed if count.fault != "capture"),
            sum(count.waived for count in listed),
            sum(count.open for count in listed if count.fault == "capture"),
        )


@dataclass(frozen=True)
class ReportCounts(StageCounts):
    """What the page of a run shows: discrepancies, expectations that failed, where the keys stand."""

    samples: int
    failed_expectations: int
    standing: Standing

    def as_dict(self) -> dict[str, int]:
        """Return the figures by name."""
        return {
            "samples": self.samples,
            "failed_expectations": self.failed_expectations,
            **asdict(self.standing),
        }


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """Keys that are pending (R16) or unjudged (R17) for one named reason."""

    status: str
    reason: str
    keys: int


@dataclass(frozen=True, slots=True)
class ColumnCounts:
    """How one column compared over the run (R21); differences are exact text, or None."""

    column: str
    compared: int
    equal: int
    both_null: int
    null_left: int
    null_right: int
    different: int
    max_difference: str | None = None
    mean_difference: str | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of records, events or files under a label and, where it matters, of a leg."""

    label: str
    count: int
    leg: str = ""


@dataclass(frozen=True, slots=True)
class FileCounts:
    """Input files of one leg, kind and status, with their records."""

    leg: str
    kind: str
    status: str
    files: int
    records: int
    accepted: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the run, in rows and seconds."""

    stage: str
    status: str
    rows_in: int | None
    rows_out: int | None
    rows_rejected: int | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class FailedExpectation:
    """An expectation that did not hold."""

    table: str
    expectation: str
    column: str
    severity: str
    observed: str
    unexpected: int | None


def total_of(legs: Iterable[KeyCounts]) -> KeyCounts:
    """The counts over all legs; zeros where the run judged nothing."""
    return next((leg for leg in legs if leg.leg == TOTAL), KeyCounts(TOTAL, 0, 0, 0, 0, 0, 0))


def sides_of(legs: Iterable[KeyCounts]) -> tuple[Side, ...]:
    """The legs that were counted, in the way of the data."""
    present = {leg.leg for leg in legs}
    return tuple(side for side in SIDES if side in present) or SIDES
