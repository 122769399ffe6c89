"""Rows of `discrepancies` -> the cells of a list, and the lines below it that say why."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from jobs.console import tables
from jobs.console.reasons import because, left_out
from jobs.console.side_by_side import beyond_truth, cells_of, key_text
from jobs.decisions.log import by_now
from jobs.lake.vocabulary import SIDES, Side
from jobs.review import render
from jobs.review.queries import ReviewContext, Row
from jobs.review.selection import SHOWN


def table_of(context: ReviewContext, shown: Sequence[Row]) -> Table:
    """The rows of a list; kind and fault where some row has one, and the reason likewise."""
    cells = {
        "id": [Text(row["discrepancy_id"][:SHOWN]) for row in shown],
        "key": [Text(key_of(context, row)) for row in shown],
        "kind": [Text(kind_of(row, beyond(context, row))) for row in shown],
        "fault": [Text(row["fault"] or "-") for row in shown],
        "status": [Text(status_of(context, row)) for row in shown],
        "reason": [Text(row["reason"] or "-") for row in shown],
        "since": [Text(_since(row)) for row in shown],
    }
    empty = [name for name in ("kind", "fault", "reason") if not any(row[name] for row in shown)]
    names = [name for name in cells if name not in empty]
    table = tables.table(*names)
    for row in zip(*(cells[name] for name in names), strict=True):
        table.add_row(*row)
    return table


def because_lines(context: ReviewContext, shown: Sequence[Row]) -> Iterator[str]:
    """Why keys wait, are not judged, or are judged by two legs; once where it is the same of all."""
    by_reason: dict[str, dict[str, list[Row]]] = {}
    for row in shown:
        why = because(row["reason"], detail_of(row))
        if why:
            by_reason.setdefault(row["reason"] or row["fault"] or "", {}).setdefault(why, []).append(row)
    for reason, whys in by_reason.items():
        for why, rows in whys.items():
            told = reason if len(whys) == 1 else "; ".join(key_of(context, row) for row in rows)
            yield f"{told}: {why}"
    if by_reason:
        yield ""


def unmoved_line(context: ReviewContext, shown: Sequence[Row]) -> str | None:
    """How many open ones were not judged at the newest T: in flight, out of scope, or without evidence."""
    last = context.last_judged
    unmoved = [row for row in shown if row["status"] in ("open", "waived") and last and row["as_of"] < last]
    if not unmoved:
        return None
    first = key_of(context, unmoved[0])
    more = f" and {len(unmoved) - 1:,} more" if len(unmoved) > 1 else ""
    return f"Not judged anew as of {render.when(last)} UTC: {first}{more}; `tieout explain` says why."


def _since(row: Row) -> str:
    if has_ended(row):
        return f"at {render.when(row['resolved_at'])[:16]}"
    return render.when(row["first_seen_at"])[:16]


def has_ended(row: Row) -> bool:
    """Whether it was found right, and when."""
    return row["status"] == "resolved" and row["resolved_at"] is not None


def key_of(context: ReviewContext, row: Row) -> str:
    """The key as people read it, masked parts masked."""
    return key_text(json.dumps(context.masks.row(row["key"])))


def kind_of(row: Row, beyond: Mapping[str, str], full: bool = False) -> str:
    """The kind with the columns that differ, the first two unless in full."""
    names = row["mismatched_columns"] or [] if row["kind"] in ("mismatch", "stale") else []
    shown = [
        f"{name} ({beyond[name]})" if name in beyond else name for name in (names if full else names[:2])
    ]
    more = f", {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    kind = row["kind"] or "-"
    return f"{kind}: {', '.join(shown)}{more}" if names else kind


def beyond(context: ReviewContext, row: Row) -> dict[str, str]:
    """Who says what of the columns that differ and that truth does not know."""
    texts: dict[Side, str | None] = {side: text_of(context.masks.row(row[f"{side}_row"])) for side in SIDES}
    truth: Side = context.dataset.reconcile.truth
    unknown, names = row["unknown_columns"] or (), row["mismatched_columns"] or ()
    cells, _ = cells_of(texts, row["key"], names, truth, SIDES, unknown, left_out(detail_of(row)))
    return beyond_truth(cells, truth)


def detail_of(row: Row) -> str | None:
    """The detail of the reason; None also where an older Tieout wrote the table last."""
    detail: str | None = row.get("reason_detail")
    return detail


def status_of(context: ReviewContext, row: Row) -> str:
    """The status, and what it will be once the next run has taken in what was said."""
    then = by_now(row["status"], context.words.waiting(row["discrepancy_id"]))
    return row["status"] if then == row["status"] else f"{row['status']} → {then}"


def text_of(row: Any) -> str | None:
    """A row as JSON text, None where there is none."""
    return None if row is None else json.dumps(row)
