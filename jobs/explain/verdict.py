"""A key's row of the last reconcile, or its legs as they are now -> one verdict, in words."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jobs.console.reasons import LEGS, because, left_out, of_two, standing_in
from jobs.console.side_by_side import beyond_truth, cells_of
from jobs.explain.model import Verdict
from jobs.lake.vocabulary import FAULT_MEANS, KIND_MEANS, SIDES, Side

Row = Mapping[str, Any]

_OUTCOMES = {"open": "discrepant", "waived": "discrepant", "resolved": "matched"}


def of_discrepancy(row: Row, as_of: datetime | None, truth: Side = "events") -> Verdict:
    """The verdict that a row of `discrepancies` holds; one older than `as_of` stands until judged again."""
    status, kind, fault = row["status"], row["kind"], row["fault"]
    outcome = _OUTCOMES.get(status, str(status))
    disagrees = outcome != "matched"
    columns = tuple(row["mismatched_columns"] or ()) if disagrees else ()
    return Verdict(
        outcome=outcome,
        sentence=_sentence(outcome, row, as_of, truth),
        kind=kind,
        fault=fault,
        reason=row["reason"],
        status=status,
        episode=row["episode"],
        since=instant(row["resolved_at"] if status == "resolved" else row["first_seen_at"]),
        times_seen=row["times_seen"],
        lag_seconds=row["lag_seconds"] if outcome == "discrepant" else None,
        suspect=bool(row["suspect"]),
        mismatched_columns=columns,
        why=tuple(row["why"] or ()) if disagrees else (),
        because=because(row["reason"], row["reason_detail"]) if disagrees else "",
        left_out=left_out(row["reason_detail"]) if disagrees else None,
    )


def of_agreement(beside: Row | None, as_of: datetime | None, looked: bool = True) -> Verdict:
    """The verdict of a key that is listed nowhere: it agrees, is out of scope, or is new.

    `beside` is None where no leg has a row of it, or, without `looked`, where the store could not be read.
    """
    if as_of is None:
        return Verdict("not judged", "Not judged yet: the dataset was never reconciled.")
    absent = Verdict("absent", "Matched: no leg holds a row of it.")
    if beside is None:
        return absent if looked else Verdict("matched", "Matched: the last reconcile lists no disagreement.")
    if beside["fault"] is None:
        if not any(beside.get(f"{leg}_row") for leg in ("events", "changes", "target")):
            return absent
        two = of_two(beside.get("detail"), "agree")
        return Verdict(
            "matched", f"Matched: {two or 'all legs agree'}.", left_out=left_out(beside.get("detail"))
        )
    columns = tuple(beside["differs"])
    if not beside["in_scope"]:
        sentence = "Out of scope: its legs disagree, but its row is not one that is judged."
        return Verdict("out of scope", sentence, mismatched_columns=columns)
    sentence = "Not judged yet: its legs disagree now, by what came after the last reconcile."
    return Verdict("not judged", sentence, mismatched_columns=columns)


def rows_of(row: Row) -> Sequence[Mapping[str, Any]]:
    """The store's row as a discrepancy holds it, if it holds one."""
    text = row["target_row"]
    read = json.loads(text) if text else []
    return read if isinstance(read, list) else [read]


def _sentence(outcome: str, row: Row, as_of: datetime | None, truth: Side) -> str:
    kind, fault = row["kind"], row["fault"]
    if outcome == "matched":
        was = f" It disagreed before: {kind}, fault {fault}." if kind else ""
        return f"Matched: all legs agree.{was}"
    if outcome in ("pending", "unjudged"):
        label = "Pending" if outcome == "pending" else "Unjudged"
        meaning = because(row["reason"], row["reason_detail"])
        return f"{label}: {row['reason']}" + (f" ({meaning})." if meaning else ".")
    waived = " It is waived." if row["status"] == "waived" else ""
    stale = as_of is not None and instant(row["as_of"]) != as_of
    stale_note = " The last reconcile could not judge it anew." if stale else ""
    columns = ", ".join(_columns(row, truth)) if kind in ("mismatch", "stale") else ""
    finding = f"Discrepant: {kind}{f' in {columns}' if columns else ''}, fault {fault}."
    two = because(None, row["reason_detail"])
    return f"{finding}{f' {two[0].upper()}{two[1:]}.' if two else ''}{waived}{stale_note}"


def _columns(row: Row, truth: Side) -> list[str]:
    """The columns that differ; those that truth does not know with the other legs' values."""
    texts: dict[Side, str | None] = {side: row[f"{side}_row"] for side in SIDES}
    names, out = row["mismatched_columns"] or (), left_out(row["reason_detail"])
    cells, _ = cells_of(texts, "{}", names, truth, SIDES, row["unknown_columns"] or (), out)
    beyond = beyond_truth(cells, truth)
    return [f"{name} ({beyond[name]})" if name in beyond else name for name in names]


def meanings(verdict: Verdict) -> list[str]:
    """What the kind and the fault of a discrepant key mean, in words."""
    if verdict.outcome != "discrepant":
        return []
    kind = KIND_MEANS.get(verdict.kind or "", "")
    if verdict.left_out:
        # Truth knows nothing of the key: the other log is truth for it.
        kind = kind.replace("truth", LEGS[standing_in(verdict.left_out)])
    texts = (kind, FAULT_MEANS.get(verdict.fault or ""))
    return [meaning for meaning in texts if meaning]


def instant(text: str | None) -> datetime | None:
    """The instant that a text of a table's row means; None where there is none."""
    return datetime.fromisoformat(text) if text else None
