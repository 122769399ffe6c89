"""The frozen inbox -> rows of `decisions`, each word once; and the newest word about each subject."""

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
from jobs.run.context import Run
from jobs.run.decision_inbox import Decision
from jobs.spark.rows import frame_of
from jobs.spark.schemas import table_schema
from jobs.storage import delta_query
from jobs.storage.objects import join, scheme_free

LEG = "decisions"
_WORD = ("decision", "decision_id", "decided_by", "reason", "decided_at", "expires_at")


def take_in(run: Run) -> None:
    """Append what the frozen inbox holds and `decisions` lacks; what is no word goes to `rejects`, once.

    Where nobody said anything new, no job is started.
    """
    fresh = _fresh(run)
    if not fresh:
        return
    words: dict[str, Decision] = {}
    refused: list[Mapping[str, Any]] = []
    for name, written in decision_inbox.contents(run.objects, run.project.lake, run.name, fresh):
        word, reasons = _read(run, name, written)
        if word is not None:
            words[word.decision_id] = word
        else:
            refused.append(_refused(run, name, written, reasons))
    # A run that goes on takes in words that came since it was interrupted.
    names = hashlib.sha256("\n".join(fresh).encode()).hexdigest()[:16]
    app = f"decisions/{run.run_id}/{names}"
    if refused:
        frame = frame_of(run.spark, refused, table_schema(tables.REJECTS))
        run.storage.append(frame, run.path(tables.REJECTS), app, 1)
    if words:
        rows = [{**asdict(word), "run_id": run.run_id} for word in words.values()]
        run.storage.append(
            frame_of(run.spark, rows, table_schema(tables.DECISIONS)), run.path(tables.DECISIONS), app, 1
        )


def last_words(run: Run) -> DataFrame:
    """The newest word about each subject: [subject_id, decision, decision_id, decided_by, reason, …]."""
    said = run.storage.read_or_empty(run.path(tables.DECISIONS), table_schema(tables.DECISIONS))
    newest = F.max_by(F.struct(*_WORD), F.struct("decided_at", "decision_id")).alias("word")
    return said.groupBy("subject_id").agg(newest).select("subject_id", "word.*")


def _fresh(run: Run) -> list[str]:
    """Names of the frozen objects that no run has taken in, nor refused."""
    names = (*run.frozen.inbox, *run.frozen.since)
    if not names:
        return []
    ids = _column(run, tables.DECISIONS, "decision_id")
    gone = _column(run, tables.REJECTS, "file", f"leg = {delta_query.text(LEG)}")
    unknown = (name for name in names if decision_inbox.id_in(name) not in ids)
    return [name for name in unknown if _path(run, name) not in gone]


def _column(run: Run, table: str, column: str, where: str | None = None) -> set[str]:
    held = open_table(run.path(table), run.storage.options)
    rows: Iterable[Mapping[str, Any]] = delta_query.rows(held, where, [column]) if held is not None else ()
    return {row[column] for row in rows}


def _read(run: Run, name: str, written: bytes | None) -> tuple[Decision | None, list[str]]:
    if written is None:
        return None, ["it is not there any more"]
    return decision_inbox.understood(written, name, run.name)


def _refused(run: Run, name: str, written: bytes | None, reasons: list[str]) -> Mapping[str, Any]:
    record = None if written is None else written.decode(errors="replace")
    # An object is one record, of no batch.
    return {
        "leg": LEG, "file": _path(run, name), "row_number": 1, "record": record, "reasons": reasons,
        "batch": 0, "run_id": run.run_id,
    }  # fmt: skip


def _path(run: Run, name: str) -> str:
    return scheme_free(join(Lake(run.project.lake).inbox(run.name), name))
