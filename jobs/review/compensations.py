"""A dataset's compensations -> a list, or one of them in full, guard and write side by side; masked."""

import json
import re
from typing import Any

from rich.console import Console
from rich.text import Text

from jobs.console import tables
from jobs.console.format import counted
from jobs.decisions.log import by_now, does_nothing
from jobs.review import render
from jobs.review.discrepancies import shell_key
from jobs.review.listing import key_of
from jobs.review.queries import ReviewContext, Row
from jobs.review.selection import SHOWN, Filters, page_of
from jobs.review.waiting import print_totals, totals

TABLE = "compensations"
_PLAIN = (
    "compensation_id", "discrepancy_id", "episode", "action", "kind", "fault", "rule", "reason", "status",
    "proposed_at", "approved_at", "approved_by", "published_at", "applied_at", "confirmed_at", "attempts",
    "try_number",
)  # fmt: skip
_STEPS = ("proposed_at", "approved_at", "published_at", "applied_at", "confirmed_at")
_BECAUSE = {
    "manual": "the policy asks for a person's word",
    "suspect": "records of this key contradict each other",
    "duplicated": "the store holds copies of the key: all of them go, and one row comes",
    "episode": "it was repaired twice before, and went wrong again",
    "refused before": "the store's guard refused an earlier try",
    "rejected before": "the same repair, in an earlier episode: no policy approves it",
    "revoked": "an approval was taken back",
    "unattributed": "nobody can tell which leg is wrong",
    "limits": "more repairs than the limits allow would be automatic",
    "waited": "the key keeps changing after T",
    "unwritable": "a column has no way back into the store",
}


def as_dict(context: ReviewContext, row: Row) -> dict[str, Any]:
    """One compensation as JSON shows it; `by_now`: its status once the next run has heard what was said."""
    waiting = context.words.waiting(row["compensation_id"])
    return {
        "dataset": context.name,
        "key": context.masks.row(row["key"]),
        **{name: row.get(name) for name in _PLAIN},
        "row": context.masks.row(row["row"]),
        "guard": context.masks.held(row["guard"]),
        "write": context.masks.held(row["write"]),
        "outcome": context.masks.sentence(row["outcome"]),
        "error": row["error"] and context.masks.cause(row["error"], row),
        "by_now": by_now(row["status"], waiting),
        "words": [render.word_dict(word) for word in context.words.of(row["compensation_id"])],
    }


def listed(context: ReviewContext, filters: Filters, limit: int, as_json: bool) -> None:
    """Print the compensations that fit, those that wait for a person first, and how many there are."""
    shown, more = page_of(context, TABLE, filters, limit)
    counts = totals(context, TABLE)
    if as_json:
        told = [as_dict(context, row) for row in shown]
        render.print_json(
            {
                "dataset": context.name, "counts": counts.by_status, "held": counts.held,
                "waiting": vars(counts.waiting), "more": more, "compensations": told,
            }
        )  # fmt: skip
        return
    table = tables.table("id", "key", "action", "kind", "fault", "status", "waits because")
    for row in shown:
        reason = row["reason"] if row["status"] == "proposed" else None
        table.add_row(
            row["compensation_id"][:SHOWN], Text(key_of(context, row)), row["action"], row["kind"] or "-",
            row["fault"] or "-", status_of(context, row), Text(render.reasons(reason)),
        )  # fmt: skip
    with render.printed() as console:
        if shown:
            console.print(table)
            for row in shown:
                _print_failure(console, context, row, f"{row['compensation_id'][:SHOWN]}  ")
            console.print()
        print_totals(console, context, TABLE, counts, len(shown), more)


def show(context: ReviewContext, row: Row, as_json: bool) -> None:
    """Print one compensation: what the store holds and what it will, why it waits, what was said and done."""
    if as_json:
        render.print_json(as_dict(context, row))
        return
    with render.printed() as console:
        tables.say(console, f"{context.name}  {key_of(context, row)}", "bold")
        repairs = f"{row['action']}, repairs {row['kind'] or '-'}, fault {row['fault'] or '-'}"
        tables.say(console, f"{repairs}, episode {row['episode']}")
        tables.say(console, f"{status_of(context, row)} since {render.when(_since(row))} UTC", "bold")
        for line in _why(row):
            tables.say(console, line)
        if row["outcome"]:
            tables.say(console, f"outcome: {render.sentence(context.masks.sentence(row['outcome']) or '')}")
        _print_failure(console, context, row)
        tables.say(console, f"id: {row['compensation_id']}", "dim")
        _change(console, context, row)
        render.print_words(console, context.words.of(row["compensation_id"]), context.name)
        render.print_next(console, _next(context, row))


def _print_failure(console: Console, context: ReviewContext, row: Row, which: str = "") -> None:
    """Print how often a repair failed and why the last time; nothing of one that did not."""
    if row["error"]:
        times = counted(row["attempts"] or 1, "time", "times")
        tables.say(
            console, f"{which}failed {times}: {render.sentence(context.masks.cause(row['error'], row))}"
        )


def status_of(context: ReviewContext, row: Row) -> str:
    """The status, and what the next run makes of it."""
    then = by_now(row["status"], context.words.waiting(row["compensation_id"]))
    return row["status"] if then == row["status"] else f"{row['status']} → {then}"


def _since(row: Row) -> Any:
    return next(at for step in reversed(_STEPS) if (at := row[step]) is not None)


def _why(row: Row) -> list[str]:
    rule = f"rule {row['rule']}" if row["rule"] else ""
    tries = f", try {row['try_number']}" if (row["try_number"] or 1) > 1 else ""
    lines = [f"approved by {render.sentence(row['approved_by'])}"] if row["approved_by"] else []
    if row["reason"] and row["status"] == "proposed":
        lines.append("waits for a person's word:")
        lines += [f"  {render.sentence(each)}{_meaning(each)}" for each in row["reason"].split("; ")]
    return [*lines, f"{rule}{tries}"] if rule else lines


def _meaning(reason: str) -> str:
    head = re.split(r":| by ", reason, maxsplit=1)[0]
    return f" ({_BECAUSE[head]})" if head in _BECAUSE else ""


def _change(console: Console, context: ReviewContext, row: Row) -> None:
    """The store's row, as it is held to be and as it will be; only what changes is marked."""
    guard, write = context.masks.held(row["guard"]), context.masks.held(row["write"])
    plain_guard, plain_write = json.loads(row["guard"]), json.loads(row["write"]) if row["write"] else None
    copies = guard if isinstance(guard, list) else [guard]
    plain = (plain_guard if isinstance(plain_guard, list) else [plain_guard]) or [{}]
    heads = ["held (guard)"] if len(copies) < 2 else [f"copy {n}" for n in range(1, len(copies) + 1)]
    table = tables.table("", "column", *heads, "will hold (write)")
    names = dict.fromkeys([*(name for copy in copies for name in copy), *(write or {})])
    for name in names:
        # Masked values look alike without a secret; what changes is told by the values themselves.
        changes = plain_write is None or (
            name in plain_write and any(name not in copy or copy[name] != plain_write[name] for copy in plain)
        )
        before = [_cell(copy, name) for copy in copies] or ["no row"]
        after = "no row" if write is None else tables.shown(write[name]) if name in write else before[0]
        style = "" if changes else "dim"
        cells = [Text(text, style) for text in (name, *before)]
        table.add_row("≠" if changes else "", *cells, Text(after, "green" if changes else "dim"))
    beside = "in the store's own columns"
    if len(copies) > 1:
        beside += f"; {counted(len(copies), 'copy', 'copies')} go, one row comes"
    render.titled(console, "What changes", beside, table)


def _cell(copy: Row, name: str) -> str:
    return tables.shown(copy[name]) if name in copy else "-"


def _next(context: ReviewContext, row: Row) -> list[str]:
    short, key = row["compensation_id"][:SHOWN], shell_key(context, row)
    waiting = context.words.waiting(row["compensation_id"])
    commands = [f"tieout explain {context.name} {key}"] if key else []
    commands.append(f"tieout discrepancies show {context.name} {row['discrepancy_id'][:SHOWN]}")
    words = (("approve", "approve", ""), ("reject", "reject", ""), ("revoke", "approve", " --revoke"))
    for decision, command, option in words:
        if does_nothing(decision, row["status"], waiting) is None:
            commands.append(f'tieout compensations {command} {context.name} {short}{option} --reason "…"')
    return commands
