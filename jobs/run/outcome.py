"""What became of a run -> one JSON object, in the lake and on stdout alike."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from jobs import clock
from jobs.errors import TieoutError
from jobs.run.freshness import Freshness

Status = Literal["finished", "failed"]


@dataclass(frozen=True)
class Outcome:
    """The end of a run: `exit_code` and why, the counts of its classes, how many commits it made.

    `status` is `failed` of a run that an error or a gate ended; it may be run again. One that an error ended
    has no report, and no id where it could not begin. `discrepancies`: of the discrepant keys those that are
    open, waived, and wrong in the change log alone. By leg: `unknown_fields`, those that new records have and
    nothing reads, with how many; `missing_fields`, places of the mapping that none of so many changes had.
    """

    run_id: str | None
    dataset: str
    as_of: datetime | None
    exit_code: int
    reason: str
    retryable: bool
    counts: Mapping[str, int]
    commits: int
    report: str | None
    status: Status = "finished"
    discrepancies: Mapping[str, int] = field(default_factory=dict)
    unknown_fields: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    missing_fields: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def to_json(self) -> str:
        """Write it as the one JSON object."""
        fields: dict[str, Any] = asdict(self)
        at = self.as_of and clock.iso(self.as_of)
        return json.dumps({**fields, "as_of": at})

    @classmethod
    def from_json(cls, written: bytes | str) -> "Outcome":
        """Read it back."""
        fields = json.loads(written)
        # An older Tieout wrote no status: what it had finished had a report.
        status = "failed" if fields["report"] is None else "finished"
        at = fields["as_of"] and datetime.fromisoformat(fields["as_of"])
        return cls(**{"status": status, **fields, "as_of": at})

    @classmethod
    def ended(
        cls,
        dataset: str,
        error: Exception,
        run_id: str | None = None,
        as_of: datetime | None = None,
        commits: int = 0,
    ) -> "Outcome":
        """Return the end of a run that an error ended; one that nobody foresaw may be tried again."""
        code, reason, retryable = 1, f"{type(error).__name__}: {error}", True
        if isinstance(error, TieoutError):
            code, reason, retryable = error.exit_code, str(error), error.retryable
        return cls(run_id, dataset, as_of, code, reason, retryable, {}, commits, None, "failed")

    @property
    def finished(self) -> bool:
        """Whether the run came to its end; one that did is not run again."""
        return self.status == "finished"

    def again(self, freshness: Freshness | None = None, note: str = "") -> "Outcome":
        """Return what the same run says when it is asked for again: nothing was left to do.

        Where the instant that it judged is by now too old, that is what it says, with exit code 3.
        `note`: of snapshots that are there and could not be chosen.
        """
        if freshness is not None and freshness.is_stale:
            reason = " ".join(filter(None, (freshness.sentence, note)))
            return replace(self, commits=0, exit_code=3, reason=reason)
        sentences = (
            self.reason.removesuffix(note).strip(),
            "Nothing new: this run had finished before.",
            note,
        )
        return replace(self, commits=0, reason=" ".join(filter(None, sentences)))

    def judged(self, fail_on: str) -> "Outcome":
        """Return the same with the exit code that `--fail-on` gives it: 3 beyond what it allows."""
        if self.exit_code == 0 and fail_on == "discrepancy" and self.discrepancies.get("open", 0):
            return replace(self, exit_code=3)
        return replace(self, exit_code=0) if fail_on == "never" and self.exit_code == 3 else self
