"""What the last reconcile found of a key, or what its legs say now -> one verdict, in words."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jobs.explain.life import Verdict
from jobs.report.verdict import FAULT_MEANS, KIND_MEANS

Told = Mapping[str, Any]

_OUTCOMES = {"open": "discrepant", "waived": "discrepant", "resolved": "matched"}
REASON_MEANS = {
    "grace": "it changed within the grace around T",
    "incomplete": "a leg may not have arrived up to T yet",
    "late": "the lagging leg catches up by a change already in hand, after T",
    "own_repair": "a repair was applied that the change log has not shown yet",
    "before_baseline": "a leg's record begins later than the key may have begun",
    "before_load": "T lies before the change log's first load ended, or no load is complete",
    "rejected_record": "a record of the key was refused",
    "orphan": "truth has events of the key, but not the one that created it",
    "overflow": "a sum does not fit its column",
    "sequence_gap": "a number of its sequence is missing",
    "damaged_leg": "a leg could not be read whole",
}


def of_discrepancy(row: Told, as_of: datetime | None) -> Verdict:
    """The verdict that a row of `discrepancies` holds; one older than `as_of` stands until judged again."""
    status, kind, fault = row["status"], row["kind"], row["fault"]
    outcome = _OUTCOMES.get(status, str(status))
    columns = tuple(row["mismatched_columns"] or ()) if outcome != "matched" else ()
    return Verdict(
        outcome=outcome,
        sentence=_sentence(outcome, row, as_of),
        kind=kind,
        fault=fault,
        reason=row["reason"],
        status=status,
        episode=row["episode"],
        since=_instant(row["resolved_at"] if status == "resolved" else row["first_seen_at"]),
        times_seen=row["times_seen"],
        lag_seconds=row["lag_seconds"] if outcome == "discrepant" else None,
        suspect=bool(row["suspect"]),
        mismatched_columns=columns,
        why=tuple(row["why"] or ()) if outcome != "matched" else (),
    )


def of_agreement(beside: Told | None, as_of: datetime | None, looked: bool = True) -> Verdict:
    """The verdict of a key that is listed nowhere: it agrees, is out of scope, or is new.

    `beside` is None where no leg has a row of it, or, without `looked`, where the store could not be read.
    """
    if as_of is None:
        return Verdict("not judged", "Not judged yet: the dataset was never reconciled.")
    absent = Verdict("absent", "Matched: no leg holds a row of it.")
    if beside is None:
        return absent if looked else Verdict("matched", "Matched: the last reconcile lists no disagreement.")
    if beside["fault"] is None:
        holds = any(beside.get(f"{leg}_row") for leg in ("events", "changes", "target"))
        return Verdict("matched", "Matched: all legs agree.") if holds else absent
    columns = tuple(beside["differs"])
    if not beside["in_scope"]:
        said = "Out of scope: its legs disagree, but its row is not one that is judged."
        return Verdict("out of scope", said, mismatched_columns=columns)
    said = "Not judged yet: its legs disagree now, by what came after the last reconcile."
    return Verdict("not judged", said, mismatched_columns=columns)


def rows_of(row: Told) -> Sequence[Mapping[str, Any]]:
    """The store's row as a discrepancy holds it, if it holds one."""
    text = row["target_row"]
    read = json.loads(text) if text else []
    return read if isinstance(read, list) else [read]


def _sentence(outcome: str, row: Told, as_of: datetime | None) -> str:
    kind, fault = row["kind"], row["fault"]
    if outcome == "matched":
        was = f" It disagreed before: {kind}, fault {fault}." if kind else ""
        return f"Matched: all legs agree.{was}"
    if outcome in ("pending", "unjudged"):
        word = "Pending" if outcome == "pending" else "Unjudged"
        meaning = REASON_MEANS.get(row["reason"], "")
        return f"{word}: {row['reason']}" + (f" ({meaning})." if meaning else ".")
    waived = " It is waived." if row["status"] == "waived" else ""
    stale = as_of is not None and _instant(row["as_of"]) != as_of
    again = " The last reconcile could not judge it anew." if stale else ""
    columns = ", ".join(row["mismatched_columns"] or ()) if kind in ("mismatch", "stale") else ""
    said = f"Discrepant: {kind}{f' in {columns}' if columns else ''}, fault {fault}."
    return f"{said}{waived}{again}"


def meanings(verdict: Verdict) -> list[str]:
    """What the kind and the fault of a discrepant key mean, in words."""
    if verdict.outcome != "discrepant":
        return []
    told = (KIND_MEANS.get(verdict.kind or ""), FAULT_MEANS.get(verdict.fault or ""))
    return [meaning for meaning in told if meaning]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
