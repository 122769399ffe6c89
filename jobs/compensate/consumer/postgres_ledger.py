"""The ledger beside a table in PostgreSQL -> results of compensations, entered before they are applied."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from jobs.compensate.compensation import APPLIED, Applied, Compensation
from jobs.target.postgres.catalogue import Session, Table

NAME = "tieout_ledger"

_CREATE = """
    CREATE TABLE IF NOT EXISTS {} (
        compensation_id text PRIMARY KEY, dataset text NOT NULL, status text NOT NULL, outcome text,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""
_ENTER = """
    INSERT INTO {} (compensation_id, dataset, status, outcome) VALUES (%s, %s, 'applied', %s)
        ON CONFLICT DO NOTHING
"""
_REFUSE = "UPDATE {} SET status = 'refused', outcome = %s WHERE compensation_id = %s"
_RESULTS = "SELECT compensation_id, status, outcome FROM {} WHERE compensation_id = ANY(%s)"


@dataclass(frozen=True)
class Ledger:
    """The table `tieout_ledger` in a schema."""

    session: Session
    quoted: str

    @classmethod
    def beside(cls, table: Table, session: Session) -> "Ledger":
        """The ledger in the table's own schema, be it there or not."""
        return cls(session, replace(table, name=NAME).quoted)

    @property
    def exists(self) -> bool:
        """Whether it was made."""
        row = self.session.execute("SELECT to_regclass(%s) IS NOT NULL", [self.quoted]).fetchone()
        return bool(row and row[0])

    def make(self) -> None:
        """Make it where it is absent."""
        # Only then: the right to use it may be granted without the right to create it.
        if not self.exists:
            # Another consumer may make it in the same moment, and be ahead at any step of it.
            taken = psycopg.errors
            with suppress(taken.UniqueViolation, taken.DuplicateTable, taken.DuplicateObject):
                self.session.execute(_CREATE.format(self.quoted).encode())

    def enter(self, each: Compensation) -> Applied | None:
        """Enter a compensation as applied, or return the result that stands there.

        While another transaction enters the same one, this waits for what becomes of it.
        """
        values = [each.compensation_id, each.dataset, APPLIED]
        if self._run(_ENTER, values).rowcount:
            return None
        return self.recorded_results([each.compensation_id])[each.compensation_id]

    def refuse(self, each: Compensation, outcome: str) -> Applied:
        """Correct the entry of this transaction."""
        self._run(_REFUSE, [outcome, each.compensation_id])
        return Applied.refused(each.compensation_id, outcome)

    def recorded_results(self, compensation_ids: Sequence[str]) -> dict[str, Applied]:
        """The results that stand there."""
        rows = self._run(_RESULTS, [list(compensation_ids)]).fetchall()
        return {name: _result_of(name, status, outcome) for name, status, outcome in rows}

    def _run(self, template: str, values: Sequence[object]) -> "psycopg.Cursor[tuple[Any, ...]]":
        return self.session.execute(template.format(self.quoted.replace("%", "%%")).encode(), values)


def _result_of(compensation_id: str, status: str, outcome: str | None) -> Applied:
    if status == APPLIED:
        return Applied.done(compensation_id)
    return Applied.refused(compensation_id, outcome or "guard")
