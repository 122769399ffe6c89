"""What a person decides on, and what was decided -> frozen values; masked columns are masked in them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobs.console.printing import Printed
from jobs.console.reasons import because
from jobs.decisions.log import LoggedDecision
from jobs.lake.vocabulary import Side

Row = Mapping[str, Any]
NOUNS = {"discrepancies": "discrepancy", "compensations": "compensation"}
IDS = {"discrepancies": "discrepancy_id", "compensations": "compensation_id"}
ID_LENGTH = 10


@dataclass(frozen=True)
class Waiting:
    """Rows that wait: for a person's decision, or for the next run to take in the one that was given."""

    person: int
    run: int


@dataclass(frozen=True)
class Totals:
    """All rows of a table by status, and which of them wait; `held` of them have a reason to."""

    by_status: dict[str, int]
    on_hold: int
    waiting: Waiting


@dataclass(frozen=True)
class Discrepancy:
    """A discrepancy: `facts` of its row that hold no values of the dataset, and its legs' rows.

    `reason_detail` is JSON text, as the table has it; `by_now` the status once the next run has taken in the
    decisions.
    """

    dataset: str
    key: Row
    facts: Row
    rows: Mapping[Side, Any]
    reason_detail: str | None
    by_now: str
    decisions: tuple[LoggedDecision, ...] = ()

    @property
    def id(self) -> str:
        """As much of its id as is shown."""
        return str(self.facts["discrepancy_id"])[:ID_LENGTH]

    @property
    def because(self) -> str:
        """Why it waits, is not judged, or is judged by two legs; else empty."""
        return because(self.facts["reason"], self.reason_detail)

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return {
            "dataset": self.dataset,
            "key": self.key,
            **self.facts,
            **{f"{side}_row": row for side, row in self.rows.items()},
            "reason_detail": json.loads(self.reason_detail or "null"),
            "because": self.because,
            "by_now": self.by_now,
            "words": [_decision(logged) for logged in self.decisions],
        }


@dataclass(frozen=True)
class DiscrepancyList(Printed):
    """The discrepancies that fit a question; `more` fit than are shown.

    `last_judged`: the T that was judged last. `stopped_at`: that of the newest run, where a gate stopped it
    and it would have written these.
    """

    dataset: str
    truth: Side
    discrepancies: tuple[Discrepancy, ...]
    more: bool
    totals: Totals
    last_judged: datetime | None
    stopped_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return {
            "dataset": self.dataset, "counts": self.totals.by_status, "waiting": vars(self.totals.waiting),
            "more": self.more, "stopped_at": self.stopped_at,
            "discrepancies": [each.as_dict() for each in self.discrepancies],
        }  # fmt: skip


@dataclass(frozen=True)
class DiscrepancyPage(Printed):
    """A discrepancy in full; `repairs` are rows of `compensations`, `next_steps` commands to copy."""

    discrepancy: Discrepancy
    truth: Side
    sides: tuple[Side, ...]
    repairs: tuple[Row, ...]
    next_steps: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return {**self.discrepancy.as_dict(), "compensations": list(self.repairs)}


@dataclass(frozen=True)
class Compensation:
    """A compensation: `facts` of its row that hold no values of the dataset, and the values it is made of.

    `guard` is what the store must hold (several rows where it holds copies), `write` what it will (None: no
    row).
    """

    dataset: str
    key: Row
    facts: Row
    row: Any
    guard: Any
    write: Any
    outcome: str | None
    error: str | None
    by_now: str
    decisions: tuple[LoggedDecision, ...] = ()

    @property
    def id(self) -> str:
        """As much of its id as is shown."""
        return str(self.facts["compensation_id"])[:ID_LENGTH]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return {
            "dataset": self.dataset, "key": self.key, **self.facts, "row": self.row, "guard": self.guard,
            "write": self.write, "outcome": self.outcome, "error": self.error, "by_now": self.by_now,
            "words": [_decision(logged) for logged in self.decisions],
        }  # fmt: skip


@dataclass(frozen=True)
class CompensationList(Printed):
    """The compensations that fit a question; `more` fit than are shown. `is_judged`: some T was."""

    dataset: str
    compensations: tuple[Compensation, ...]
    more: bool
    totals: Totals
    is_judged: bool

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return {
            "dataset": self.dataset, "counts": self.totals.by_status, "held": self.totals.on_hold,
            "waiting": vars(self.totals.waiting), "more": self.more,
            "compensations": [each.as_dict() for each in self.compensations],
        }  # fmt: skip


@dataclass(frozen=True)
class CompensationPage(Printed):
    """A compensation in full; `changed` names the store's columns that it changes."""

    compensation: Compensation
    changed: frozenset[str]
    next_steps: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return self.compensation.as_dict()


@dataclass(frozen=True)
class Decided(Printed):
    """What was decided, or would be (`dry_run`), of which rows of a table; `listed` are the first of them."""

    dataset: str
    table: str
    decision: str
    by: str
    at: datetime
    expires_at: datetime | None
    dry_run: bool
    subjects: tuple[str, ...]
    listed: tuple[Row, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON shows it."""
        return {
            "dataset": self.dataset, "decision": self.decision, "decided_by": self.by, "decided_at": self.at,
            "expires_at": self.expires_at, "dry_run": self.dry_run, "count": len(self.subjects),
            f"{IDS[self.table]}s": list(self.subjects),
            "next": f"tieout run {self.dataset}",
        }  # fmt: skip


def _decision(logged: LoggedDecision) -> dict[str, Any]:
    fields = vars(logged.decision)
    stated = {name: fields[name] for name in fields if name not in ("dataset", "subject_id")}
    return {**stated, "taken_in": logged.taken_in}
