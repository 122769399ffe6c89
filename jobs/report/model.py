"""Summary: what one run counted and found -> frozen values that every rendering shares."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from jobs.console.cells import Cell
from jobs.console.plain import plain
from jobs.lake.vocabulary import FAULTS, Side
from jobs.report.counts import (
    ColumnCounts,
    Count,
    FailedExpectation,
    FaultCount,
    FileCounts,
    ReasonCount,
    Stage,
    Standing,
    sides_of,
    total_of,
)
from jobs.run.counts import KeyCounts

Outcome = Literal["agrees", "disagrees", "unproven", "empty", "stopped"]


@dataclass(frozen=True, slots=True)
class About:
    """Which run a summary is of; `as_of` is aware, `truth` names the leg that is right.

    `failure`: why a gate stopped the run, in a sentence; None where none did.
    """

    dataset: str
    run_id: str
    as_of: datetime
    truth: Side
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One discrepant key side by side; `hidden` counts the columns left out, all of which agree.

    `because`: which legs disagree, where a leg that knows nothing of the key was left out;
    `beyond_truth`: what the other legs say of the columns that truth does not know.
    """

    discrepancy_id: str
    key: str
    kind: str
    fault: str
    status: str
    mismatched_columns: tuple[str, ...]
    why: tuple[str, ...]
    lag_seconds: float | None
    suspect: bool
    cells: tuple[Cell, ...]
    hidden: int = 0
    episode: int = 1
    times_seen: int = 1
    first_seen_at: datetime | None = None
    because: str = ""
    beyond_truth: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unjudged:
    """One key that could not be judged, and why in words."""

    key: str
    reason: str
    because: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Everything a report says of one run. All tuples are bounded, whatever the size of the data."""

    about: About
    outcome: Outcome
    verdict: str
    legs: tuple[KeyCounts, ...]
    faults: tuple[FaultCount, ...] = ()
    reasons: tuple[ReasonCount, ...] = ()
    samples: tuple[Sample, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    columns: tuple[ColumnCounts, ...] = ()
    files: tuple[FileCounts, ...] = ()
    rejected: tuple[Count, ...] = ()
    reject_reasons: tuple[Count, ...] = ()
    unknown_fields: tuple[Count, ...] = ()
    conflicts: tuple[Count, ...] = ()
    repairs: tuple[Count, ...] = ()
    expectations: int = 0
    failed: tuple[FailedExpectation, ...] = ()
    stages: tuple[Stage, ...] = ()

    @property
    def total(self) -> KeyCounts:
        """The counts over all legs; zeros where the run judged nothing."""
        return total_of(self.legs)

    @property
    def sides(self) -> tuple[Side, ...]:
        """The legs this dataset has, in the way of the data."""
        return sides_of(self.legs)

    @property
    def matrix(self) -> dict[str, dict[str, int]]:
        """Kind -> fault -> keys, every kind with every fault that occurs."""
        occurring = {count.fault for count in self.faults}
        present = [*(fault for fault in FAULTS if fault in occurring), *sorted(occurring - {*FAULTS})]
        matrix: dict[str, dict[str, int]] = {}
        for count in self.faults:
            matrix.setdefault(count.kind, dict.fromkeys(present, 0))[count.fault] = count.keys
        return matrix

    @property
    def standing(self) -> Standing:
        """Where the discrepant keys stand."""
        return Standing.of(self.total, self.faults)

    @property
    def listed(self) -> bool:
        """Whether the discrepant keys are known; a T older than the last judged lists none (R23)."""
        return bool(self.faults) or not self.total.discrepant

    @property
    def adds_up(self) -> bool:
        """Whether the classes of every leg make up its keys, and kinds and faults the discrepant ones."""
        keys = sum(count.keys for count in self.faults)
        return all(leg.adds_up for leg in self.legs) and (not self.faults or keys == self.total.discrepant)

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON can hold it: stamps as ISO 8601 text, control totals by measure."""
        fields = plain(self, datetime.isoformat)
        return {**fields.pop("about"), **fields, "adds_up": self.adds_up}
