"""A project and a dataset's name -> its discrepancies, compensations and decisions, read without Spark."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from jobs.decisions.log import DecisionLog, decision_log_of
from jobs.errors import InputError
from jobs.lake.log import open_table
from jobs.masking.rows import Masks, masks_of
from jobs.run import decision_inbox
from jobs.run.dataset import DatasetContext
from jobs.run.decision_inbox import Decision
from jobs.settings import Dataset, Project, dataset_of
from jobs.storage import delta_query
from jobs.storage.objects import Objects

Row = dict[str, Any]
_ID = {"discrepancies": 'd."discrepancy_id"', "compensations": 'c."compensation_id"'}
_FROM = {
    "discrepancies": "SELECT d.* FROM d",
    "compensations": "SELECT c.*, d.kind, d.fault, d.first_seen_at FROM c "
    'LEFT JOIN d ON c."discrepancy_id" = d."discrepancy_id"',
}
_COUNTS = {
    "discrepancies": "SELECT status, 0 AS held, count(*) AS n FROM d GROUP BY status",
    "compensations": "SELECT status, count(reason) AS held, count(*) AS n FROM c GROUP BY status",
}


@dataclass(frozen=True)
class ReviewContext(DatasetContext):
    """What a person decides on; discrepancies are read from the table `verdicts`."""

    project: Project
    dataset: Dataset
    objects: Objects
    verdicts: str = "discrepancies"

    @cached_property
    def masks(self) -> Masks:
        """Masks for values that people see."""
        return masks_of(self.dataset, self.masking)

    @cached_property
    def decision_log(self) -> DecisionLog:
        """All decisions, including those that no run has taken in yet."""
        table = self._table("decisions")
        recorded = [] if table is None else delta_query.rows(table)
        taken = [
            Decision(
                row["decision_id"], self.name, row["subject_id"], row["decision"], row["decided_by"],
                row["reason"], row["decided_at"], row["expires_at"],
            )
            for row in recorded
        ]  # fmt: skip
        return decision_log_of(taken, self._waiting({decision.decision_id for decision in taken}))

    def rows(
        self, table: str, where: Sequence[str] = (), order: str = "", limit: int | None = None
    ) -> list[Row]:
        """Rows of `discrepancies` (d) or `compensations` (c, with kind and fault of their discrepancy)."""
        clauses = [
            _FROM[table],
            f"WHERE {' AND '.join(f'({each})' for each in where)}" if where else "",
            f"ORDER BY {order}" if order else "",
            f"LIMIT {limit}" if limit is not None else "",
        ]
        tables = self._tables(table)
        return delta_query.query(" ".join(clauses), tables) if tables else []

    def counts(self, table: str) -> list[Row]:
        """Rows of a table by status: [status, held, n], `held` of them with a reason to wait for a person."""
        tables = self._tables(table)
        return delta_query.query(f"{_COUNTS[table]} ORDER BY n DESC, status", tables) if tables else []

    @property
    def last_judged(self) -> datetime | None:
        """The T that was judged last; None where none was. What a gate stopped was not judged."""
        for name in ("reconciliations", "discrepancies"):
            if (table := self._table(name)) is not None:
                # A lake of an older Tieout has no status; it wrote nothing of what a gate stopped.
                columns = {field.name for field in table.schema().fields}
                has_status = name == "reconciliations" and "status" in columns
                judged = " WHERE coalesce(status, 'finished') = 'finished'" if has_status else ""
                newest = delta_query.query(f"SELECT max(as_of) AS as_of FROM t{judged}", {"t": table})  # noqa: S608  # a fixed text
                return newest[0]["as_of"] if newest else None
        return None

    @property
    def stopped_at(self) -> datetime | None:
        """The T of the newest run, where a gate stopped it; None where it was judged."""
        table = self._table("reconciliations")
        if table is None or self._table("withheld") is None:
            return None
        newest = delta_query.query("SELECT max(as_of) AS as_of FROM t WHERE status = 'failed'", {"t": table})
        at, judged = newest[0]["as_of"] if newest else None, self.last_judged
        return at if at is not None and (judged is None or at > judged) else None

    def of_withheld(self) -> "ReviewContext":
        """Return the same with the discrepancies that the stopped run would have written."""
        return replace(self, verdicts="withheld")

    def starting(self, table: str, starts: Sequence[str]) -> list[Row]:
        """Rows whose id begins with one of the texts."""
        full_ids = [delta_query.text(each) for each in starts if len(each) == 32]
        parts = [f"starts_with({_ID[table]}, {delta_query.text(each)})" for each in starts if len(each) != 32]
        conditions = [*([f"{_ID[table]} IN ({', '.join(full_ids)})"] if full_ids else []), *parts]
        return self.rows(table, [" OR ".join(conditions)], _ID[table]) if conditions else []

    def repairs_of(self, discrepancy_id: str) -> list[Row]:
        """The compensations of a discrepancy, newest first; none where none was ever planned."""
        table = self._table("compensations")
        where = f"discrepancy_id = {delta_query.text(discrepancy_id)}"
        repairs = [] if table is None else delta_query.rows(table, where)
        return sorted(repairs, key=lambda row: (row["episode"], row["proposed_at"]), reverse=True)

    def _tables(self, table: str) -> dict[str, delta_query.Table]:
        """What a table's rows are read from; nothing where the table was not written yet: it has no rows."""
        own = {"c": "compensations"} if table == "compensations" else {}
        names = {"d": self.verdicts, **own}
        opened = {alias: each for alias, name in names.items() if (each := self._table(name)) is not None}
        if table[0] not in opened:
            return {}
        if len(opened) < len(names):
            raise InputError(
                f"{self.name} has {table} and no discrepancies: its table was removed; restore "
                f"{self.path('discrepancies')}."
            )
        return opened

    def _table(self, name: str) -> delta_query.Table | None:
        return open_table(self.path(name), delta_query.log_options(self.project.aws))

    def _waiting(self, taken_in: set[str]) -> list[Decision]:
        """Decisions of the inbox that the table lacks; invalid ones the next run rejects with its reasons."""
        listed = decision_inbox.names(self.objects, self.project.lake, self.name)
        fresh = [name for name in listed if decision_inbox.id_in(name) not in taken_in]
        contents = decision_inbox.contents(self.objects, self.project.lake, self.name, fresh)
        read = (
            decision_inbox.understood(written, name, self.name)[0]
            for name, written in contents
            if written is not None
        )
        return [decision for decision in read if decision is not None]


def context_of(project: Project, name: str) -> ReviewContext:
    """The context in which a dataset is reviewed.

    Raises:
        ConfigError: there is none of that name.
    """
    return ReviewContext(project, dataset_of(project, name), Objects(project.aws))
