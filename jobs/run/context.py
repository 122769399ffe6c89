"""A dataset's settings, its frozen input and a session -> what every stage of one run works with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from pyspark.sql import DataFrame

from jobs.errors import InputError
from jobs.lake.expectation_results import ExpectationResult
from jobs.lake.tables import CANONICAL
from jobs.run.counts import DedupeCounts, StageCounts
from jobs.run.inputs import RunInputs
from jobs.run.tables import TableContext
from jobs.settings import Dataset, Project, Source
from jobs.spark.delta import Storage
from jobs.storage.delta_query import Table
from jobs.storage.objects import Objects

T = TypeVar("T")

_EPOCH = 32
# In bytes. A history that small is read sooner than it is found out which part of it counts.
SHORT = 64 * 2**20


@dataclass(frozen=True)
class Options:
    """What the command line asks of a run beyond its dataset and instant.

    `as_of_given`: the instant was asked for (`--as-of`), so its age is nobody's fault. `replay_rejects`:
    ingest judges again what was refused, and reads no file.
    """

    full: bool = False
    accept_from_now: bool = False
    fail_on: str = "critical"
    as_of_given: bool = False
    replay_rejects: bool = False


@dataclass(frozen=True)
class RunContext(TableContext):
    """One run of one dataset: its settings, its input, and the tables it reads and writes.

    `failure`: why the evidence of this run is not to be trusted, a gate's own sentence; None while no gate
    has failed. `is_retry`: an earlier try of the same run ended without finishing it. `deduped`: what the
    run's dedupe counted, once it is done.
    """

    project: Project
    dataset: Dataset
    pinned: RunInputs
    storage: Storage
    objects: Objects
    options: Options = field(default_factory=Options)
    failure: str | None = None
    is_retry: bool = False
    deduped: DedupeCounts = field(default_factory=DedupeCounts)

    @property
    def run_id(self) -> str:
        """The run's id: the same input, the same id."""
        return self.pinned.run_id

    @property
    def as_of(self) -> datetime:
        """The instant T that is judged."""
        return self.pinned.as_of

    def with_batches(self, batches: Mapping[str, int]) -> "RunContext":
        """Return the same run with the batches that its files were ingested in."""
        return replace(self, pinned=self.pinned.with_batches(batches))

    def with_deduped(self, counts: DedupeCounts) -> "RunContext":
        """Return the same run with what its dedupe counted."""
        return replace(self, deduped=counts)

    def with_failure(self, sentence: str) -> "RunContext":
        """Return the same run with its evidence failed; the first failure is the one told."""
        return replace(self, failure=self.failure or sentence)

    def is_short(self, leg: str) -> bool:
        """Whether all of a leg's canonical changes are read as soon as some; told by the log of the table."""
        return self.storage.size(self.path(CANONICAL[leg])) < SHORT

    @property
    def sources(self) -> dict[str, Source]:
        """The sources of all legs, each once and with all of its tables."""
        names = dict.fromkeys(self.source(leg).source for leg in self.dataset.legs)
        return {name: self.project.sources[name] for name in names}

    def log(self, table: str) -> Table:
        """Return the log of a table of the dataset that must be there, to ask it without Spark.

        Raises:
            InputError: an earlier stage has not written it yet.
        """
        return self._there(self.storage.log(self.path(table)), table)

    def read(self, table: str) -> DataFrame:
        """Return a table of the dataset that must be there.

        Raises:
            InputError: an earlier stage has not written it yet.
        """
        return self._there(self.storage.read(self.path(table)), table)

    def _there(self, value: T | None, table: str) -> T:
        if value is None:
            raise InputError(f"{self.path(table)} does not exist yet: run `tieout run {self.name}` first.")
        return value


@dataclass(frozen=True)
class StageResult:
    """What a stage did: the figures of its row in `runs`, and the tables it wrote.

    `batches`: by source, the last batch that holds the run's files (of ingest alone). `results`: what the
    stage's own gates say. `sentence`: the verdict in words (of report alone).
    """

    stage: str
    rows_in: int = 0
    rows_out: int = 0
    rows_rejected: int = 0
    wrote: tuple[str, ...] = ()
    counts: StageCounts = field(default_factory=StageCounts)
    batches: Mapping[str, int] = field(default_factory=dict)
    results: Sequence[ExpectationResult] = ()
    sentence: str = ""


def progress_version(epoch: int, batch: int) -> int:
    """Return the Delta transaction version of a table rebuilt `epoch` times that has reached a batch.

    Delta skips versions that do not grow; a rebuild starts again at the first batch, so it counts above it.
    """
    return (epoch << _EPOCH) | batch


def progress_of(version: int | None) -> tuple[int, int]:
    """Return (epoch, batch) of a transaction version; (0, 0) where nothing was written."""
    return ((version or 0) >> _EPOCH, (version or 0) & ((1 << _EPOCH) - 1))
