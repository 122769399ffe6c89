"""What the last reconcile found of a key, or what its legs say now -> one verdict, in words."""

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
    told = outcome != "matched"
    columns = tuple(row["mismatched_columns"] or ()) if told else ()
    return Verdict(
        outcome=outcome,
        sentence=_sentence(outcome, row, as_of, truth),
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
        why=tuple(row["why"] or ()) if told else (),
        because=because(row["reason"], row["reason_detail"]) if told else "",
        left_out=left_out(row["reason_detail"]) if told else None,
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
        said = "Out of scope: its legs disagree, but its row is not one that is judged."
        return Verdict("out of scope", said, mismatched_columns=columns)
    said = "Not judged yet: its legs disagree now, by what came after the last reconcile."
    return Verdict("not judged", said, mismatched_columns=columns)


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
        word = "Pending" if outcome == "pending" else "Unjudged"
        meaning = because(row["reason"], row["reason_detail"])
        return f"{word}: {row['reason']}" + (f" ({meaning})." if meaning else ".")
    waived = " It is waived." if row["status"] == "waived" else ""
    stale = as_of is not None and _instant(row["as_of"]) != as_of
    again = " The last reconcile could not judge it anew." if stale else ""
    columns = ", ".join(_columns(row, truth)) if kind in ("mismatch", "stale") else ""
    said = f"Discrepant: {kind}{f' in {columns}' if columns else ''}, fault {fault}."
    two = because(None, row["reason_detail"])
    return f"{said}{f' {two[0].upper()}{two[1:]}.' if two else ''}{waived}{again}"


def _columns(row: Row, truth: Side) -> list[str]:
    """The columns that differ; those that truth does not know with what the others say of them."""
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
        # Truth knows nothing of the key: the other log stands for it.
        kind = kind.replace("truth", LEGS[standing_in(verdict.left_out)])
    told = (kind, FAULT_MEANS.get(verdict.fault or ""))
    return [meaning for meaning in told if meaning]


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
