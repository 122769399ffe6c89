"""The instant T of a snapshot, the listing and `gate.max_age` -> whether what is judged is still of today."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.console.format import ago, span
from jobs.run.inputs import RunInputs
from jobs.settings import Dataset


@dataclass(frozen=True)
class Freshness:
    """The age of a dataset's newest snapshot at the listing, and what `gate.max_age` allows."""

    dataset: str
    as_of: datetime
    listed_at: datetime
    max_age: timedelta

    @property
    def is_stale(self) -> bool:
        """Whether T lies further back than allowed; exactly the limit still passes."""
        return self.listed_at - self.as_of > self.max_age

    @property
    def clause(self) -> str:
        """T, its age and the limit."""
        at = ago(self.as_of, self.listed_at)
        return (
            f"the newest snapshot of {self.dataset} speaks of {at}; gate.max_age allows {span(self.max_age)}"
        )

    @property
    def sentence(self) -> str:
        """The clause as a sentence, with what to do."""
        return f"T{self.clause[1:]}: write today's export, then run again."


def freshness_of(dataset: Dataset, pinned: RunInputs, as_of_given: bool) -> Freshness | None:
    """The freshness that is judged; None without a limit, and where the instant itself was asked for."""
    max_age = dataset.gate.max_age
    if max_age is None or as_of_given:
        return None
    return Freshness(dataset.dataset, pinned.as_of, pinned.listed_at, max_age)
