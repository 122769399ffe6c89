"""What became of a run -> one JSON object, in the lake and on stdout alike (design 3)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from jobs import clock
from jobs.errors import TieoutError

CLASSES = ("keys_seen", "matched", "discrepant", "pending", "unjudged", "out_of_scope")


@dataclass(frozen=True)
class Outcome:
    """The end of a run: `exit_code` and why, the counts of its classes, how many commits it made.

    A run that an error ended has no report, and may be run again; it has no id where it could not begin.
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

    def to_json(self) -> str:
        """Write it as the one JSON object."""
        said: dict[str, Any] = asdict(self)
        at = self.as_of and clock.iso(self.as_of)
        return json.dumps({**said, "as_of": at})

    @classmethod
    def from_json(cls, written: bytes | str) -> "Outcome":
        """Read it back."""
        said = json.loads(written)
        return cls(**{**said, "as_of": said["as_of"] and datetime.fromisoformat(said["as_of"])})

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
        return cls(run_id, dataset, as_of, code, reason, retryable, {}, commits, None)

    @property
    def finished(self) -> bool:
        """Whether the run came to its end; one that did is not run again."""
        return self.report is not None

    def again(self) -> "Outcome":
        """Return what the same run says when it is asked for again: nothing was left to do."""
        return replace(self, commits=0, reason=f"{self.reason} Nothing new: this run had finished before.")

    def judged(self, fail_on: str) -> "Outcome":
        """Return the same with the exit code that `--fail-on` gives it: 3 beyond what it allows."""
        found = self.counts.get("discrepant", 0)
        if self.exit_code == 0 and fail_on == "discrepancy" and found:
            return replace(self, exit_code=3)
        return replace(self, exit_code=0) if fail_on == "never" and self.exit_code == 3 else self
