"""The pinned inbox -> rows of `decisions`, each decision once; and the newest decision on each subject."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.lake.layout import Lake
from jobs.lake.log import open_table
from jobs.run import decision_inbox
from jobs.run.context import RunContext
from jobs.run.decision_inbox import Decision
from jobs.spark.schemas import table_schema
from jobs.storage import delta_query
from jobs.storage.objects import join, scheme_free

LEG = "decisions"
_DECISION = ("decision", "decision_id", "decided_by", "reason", "decided_at", "expires_at")


def take_in(context: RunContext) -> None:
    """Append the pinned inbox's new decisions to `decisions`; invalid ones go to `rejects`, once.

    Where nobody decided anything new, no job is started.
    """
    fresh = _fresh(context)
    if not fresh:
        return
    decisions: dict[str, Decision] = {}
    rejected: list[Mapping[str, Any]] = []
    for name, written in decision_inbox.contents(context.objects, context.project.lake, context.name, fresh):
        decision, reasons = _read(context, name, written)
        if decision is not None:
            decisions[decision.decision_id] = decision
        else:
            rejected.append(_refused(context, name, written, reasons))
    # A run that is resumed takes in decisions that came since it was interrupted.
    names = hashlib.sha256("\n".join(fresh).encode()).hexdigest()[:16]
    app = f"decisions/{context.run_id}/{names}"
    if rejected:
        context.append_rows(tables.REJECTS, rejected, app, 1)
    if decisions:
        rows = [{**asdict(decision), "run_id": context.run_id} for decision in decisions.values()]
        context.append_rows(tables.DECISIONS, rows, app, 1)


def latest_decisions(context: RunContext) -> DataFrame:
    """The newest decision on each subject: [subject_id, decision, decision_id, decided_by, reason, …]."""
    recorded = context.storage.read_or_empty(context.path(tables.DECISIONS), table_schema(tables.DECISIONS))
    newest = F.max_by(F.struct(*_DECISION), F.struct("decided_at", "decision_id")).alias("newest")
    return recorded.groupBy("subject_id").agg(newest).select("subject_id", "newest.*")


def _fresh(context: RunContext) -> list[str]:
    """Names of the pinned objects that no run has taken in or rejected."""
    names = (*context.pinned.inbox, *context.pinned.since)
    if not names:
        return []
    ids = _column(context, tables.DECISIONS, "decision_id")
    gone = _column(context, tables.REJECTS, "file", f"leg = {delta_query.text(LEG)}")
    unknown = (name for name in names if decision_inbox.id_in(name) not in ids)
    return [name for name in unknown if _path(context, name) not in gone]


def _column(context: RunContext, table: str, column: str, where: str | None = None) -> set[str]:
    opened = open_table(context.path(table), context.storage.options)
    rows: Iterable[Mapping[str, Any]] = (
        delta_query.rows(opened, where, [column]) if opened is not None else ()
    )
    return {row[column] for row in rows}


def _read(context: RunContext, name: str, written: bytes | None) -> tuple[Decision | None, list[str]]:
    if written is None:
        return None, ["it is not there any more"]
    return decision_inbox.understood(written, name, context.name)


def _refused(context: RunContext, name: str, written: bytes | None, reasons: list[str]) -> Mapping[str, Any]:
    record = None if written is None else written.decode(errors="replace")
    # An object is one record, of no batch.
    return {
        "leg": LEG, "file": _path(context, name), "row_number": 1, "record": record, "reasons": reasons,
        "batch": 0, "run_id": context.run_id,
    }  # fmt: skip


def _path(context: RunContext, name: str) -> str:
    return scheme_free(join(Lake(context.project.lake).inbox(context.name), name))
