"""A configuration -> its lake, opened for notebooks: runs, tables, states, discrepancies, explanations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import clock, pipeline
from jobs.errors import ConfigError
from jobs.explain import Explanation, explain
from jobs.fold import DatasetSchema
from jobs.fold.as_of import as_of as as_of_instant
from jobs.fold.facts import facts_of
from jobs.fold.suspicion import flag_unsettled, not_truncated, suspects
from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.lake.tables import OF_DATASETS, OF_SOURCES
from jobs.run.outcome import Outcome
from jobs.settings import Dataset, Project, dataset_of
from jobs.spark.delta import Storage
from jobs.spark.schemas import source_schema, table_schema
from jobs.spark.session import session
from jobs.storage.delta_query import log_options

Instant = datetime | str

STATUSES = ("open", "waived", "pending", "unjudged", "resolved")
_OF_A_STATE = (
    "_deleted", "_changed_at", "_change_id", "_position", "_unknown", "_orphan", "_overflow", "_suspect",
)  # fmt: skip


@dataclass(frozen=True)
class Opened:
    """A project's lake. Frames are lazy; errors are those of `jobs.errors`; nothing here ends the process."""

    project: Project
    given: SparkSession | None = None

    @property
    def spark(self) -> SparkSession:
        """The session to work in: the one given, else the one that runs, else a local one."""
        return session(self.project, self.given)

    def run(self, name: str, as_of: Instant | None = None) -> Outcome:
        """Run all stages of a dataset; a run that had finished before commits nothing and starts no Spark.

        Raises:
            TieoutError: the run could not be finished; its `exit_code` says why.
        """
        spark = self.spark if self.given else None
        return pipeline.run(self.project, name, _instant(as_of), spark=spark)

    def table(self, name: str, table: str) -> DataFrame:
        """Return a table of a dataset or of a source, as its newest commit left it.

        One that was never written has no rows: nothing was rejected, planned or decided yet, or nothing run.

        Raises:
            ConfigError: there is no dataset or source of that name, or no table of that name.
        """
        path, storage = self._path(name, table), self._storage
        dataset = self.project.datasets.get(name) if table in OF_DATASETS else None
        schema = table_schema(table, DatasetSchema.of(dataset)) if dataset else source_schema(table)
        return storage.read_or_empty(path, schema)

    def state(self, name: str, leg: str, as_of: Instant | None = None) -> DataFrame:
        """Return a leg's state of every key: the latest (R8a), or folded as of an instant (R8).

        Columns out: the dataset's, then `_deleted`, `_changed_at`, `_change_id`, `_position`, `_unknown`,
        `_orphan`, `_overflow`, `_suspect`; deleted keys are rows as well.
        """
        dataset = dataset_of(self.project, name)
        if leg not in dataset.legs:
            raise ConfigError(
                f"{leg} is no leg of {name} that is folded; use one of {', '.join(dataset.legs)}."
            )
        latest, at = self.table(name, tables.STATE[leg]), _instant(as_of)
        rows = latest if at is None else self._state_as_of(dataset, leg, latest, at)
        return rows.select(*(f"`{c}`" for c in dataset.columns), *_OF_A_STATE)

    def discrepancies(self, name: str, status: str | None = "open") -> DataFrame:
        """Return the discrepancies of one status, or with None all that the table holds.

        Raises:
            ConfigError: there is no such status.
        """
        if status is not None and status not in STATUSES:
            raise ConfigError(f"No discrepancy has the status {status}; use one of {', '.join(STATUSES)}.")
        listed = self.table(name, tables.DISCREPANCIES)
        return listed if status is None else listed.where(F.col("status") == status)

    def explain(self, name: str, key: object) -> Explanation:
        """Explain one key over all legs: its changes, its state, its verdict; `.render()` prints it.

        `key`: a mapping, JSON text, or the bare value where the key has one column.

        Raises:
            InputError: the dataset was never run, or nothing knows the key.
        """
        return explain(self.project, self.spark, name, key)

    @property
    def _storage(self) -> Storage:
        return Storage(self.spark, log_options(self.project.aws))

    def _state_as_of(self, dataset: Dataset, leg: str, latest: DataFrame, at: datetime) -> DataFrame:
        shape, name = DatasetSchema.of(dataset), dataset.dataset
        changes = self.table(name, tables.CANONICAL[leg])
        facts = facts_of(dataset, leg, self._storage, self.project.lake)
        states = as_of_instant(changes, latest, shape, facts, at)
        by_then = self.table(name, tables.CONFLICTS).where(F.col("occurred_at") <= F.lit(at))
        named = suspects(by_then, leg, shape.key)
        if facts.truncates:
            named = not_truncated(named, changes.where(F.col("occurred_at") <= F.lit(at)))
        return flag_unsettled(states, named, shape.key, "_suspect")

    def _path(self, name: str, table: str) -> str:
        lake = Lake(self.project.lake)
        is_dataset, is_source = name in self.project.datasets, name in self.project.sources
        if is_dataset and table in OF_DATASETS:
            return lake.dataset(name, table)
        if is_source and table in OF_SOURCES:
            return lake.source(name, table)
        if is_dataset or is_source:
            kind, known = ("dataset", OF_DATASETS) if is_dataset else ("source", OF_SOURCES)
            raise ConfigError(f"The {kind} {name} has no table {table}; its tables are {', '.join(known)}.")
        raise ConfigError(
            f"There is no dataset or source {name}; there are the datasets {_names(self.project.datasets)} "
            f"and the sources {_names(self.project.sources)}."
        )


def _instant(at: Instant | None) -> datetime | None:
    if at is None:
        return None
    try:
        return clock.read(at) if isinstance(at, str) else clock.aware(at)
    except ValueError:
        raise ConfigError(f"{at} is no instant; write it like 2026-11-23T00:00:00Z.") from None


def _names(known: Mapping[str, object]) -> str:
    return ", ".join(sorted(known)) or "(none)"
