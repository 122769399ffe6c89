"""A dataset's discrepancies -> a list, one of them in full, or what a waiver would say; masked."""

import json
import shlex
from typing import Any

from rich.console import Console
from rich.text import Text

from jobs.console import tables
from jobs.console.format import counted, duration
from jobs.console.reasons import because, left_out
from jobs.console.side_by_side import cells_of
from jobs.decisions.log import by_now
from jobs.errors import ConfigError, InputError
from jobs.lake.vocabulary import SIDES, Side
from jobs.review import render
from jobs.review.keys import is_key
from jobs.review.listing import (
    because_lines,
    beyond,
    detail_of,
    has_ended,
    key_of,
    kind_of,
    status_of,
    table_of,
    text_of,
    unmoved_line,
)
from jobs.review.queries import ReviewContext, Row
from jobs.review.selection import SHOWN, Filters, named, page_of
from jobs.review.waiting import print_totals, totals

TABLE = "discrepancies"
_HEADS = {"events": "events", "changes": "changes", "target": "store"}
_ROWS = tuple(f"{side}_row" for side in SIDES)
_PLAIN = (
    "discrepancy_id", "status", "episode", "kind", "fault", "first_kind", "first_fault", "reason", "suspect",
    "mismatched_columns", "unknown_columns", "why", "lag_seconds", "as_of", "first_seen_at", "last_seen_at",
    "resolved_at", "times_seen", "waived_until",
)  # fmt: skip


def as_dict(context: ReviewContext, row: Row) -> dict[str, Any]:
    """One discrepancy as JSON shows it; `by_now`: its status once the next run has heard what was said."""
    waiting = context.words.waiting(row["discrepancy_id"])
    return {
        "dataset": context.name,
        "key": context.masks.row(row["key"]),
        **{name: row.get(name) for name in _PLAIN},
        **{name: context.masks.row(row[name]) for name in _ROWS},
        "reason_detail": json.loads(detail_of(row) or "null"),
        "because": because(row["reason"], detail_of(row)),
        "by_now": by_now(row["status"], waiting),
        "words": [render.word_dict(word) for word in context.words.of(row["discrepancy_id"])],
    }


def listed(context: ReviewContext, filters: Filters, limit: int, as_json: bool) -> None:
    """Print the discrepancies that fit, open and new ones first, and how many there are of each status.

    Where a gate stopped the newest run, those that it would have written: nothing else tells what it saw.
    """
    stopped_at = context.stopped_at
    context = context if stopped_at is None else context.of_withheld()
    shown, more = page_of(context, TABLE, filters, limit)
    counts = totals(context, TABLE)
    if as_json:
        told = [as_dict(context, row) for row in shown]
        render.print_json(
            {
                "dataset": context.name, "counts": counts.by_status, "waiting": vars(counts.waiting),
                "more": more, "stopped_at": stopped_at, "discrepancies": told,
            }
        )  # fmt: skip
        return
    with render.printed() as console:
        if shown:
            console.print(table_of(context, shown))
            console.print()
            for why in because_lines(context, shown):
                tables.say(console, why)
            if unmoved := unmoved_line(context, shown):
                tables.say(console, unmoved)
        print_totals(console, context, TABLE, counts, len(shown), more)
        if stopped_at is not None:
            at = f"{render.when(stopped_at)} UTC"
            tables.say(console, f"A gate stopped the run as of {at}: so it would be, and nothing was moved.")


def found(context: ReviewContext, told: str) -> Row:
    """The discrepancy of a key, or the one whose id begins so.

    Raises:
        ConfigError: neither can be read.
        InputError: there is none.
    """
    try:
        by_key = context.rows(TABLE, [is_key(told, context.dataset, "d")], limit=1)
    except ConfigError:
        # With a key of several columns, a bare word is an id.
        if told.lstrip().startswith("{"):
            raise
        by_key = []
    if by_key:
        return by_key[0]
    try:
        return named(context, TABLE, [told])[0]
    except (ConfigError, InputError) as error:
        if "is the beginning of" in str(error):
            raise
        raise InputError(
            f"{context.name} has no discrepancy of the key {told}, nor one whose id begins so; "
            f"`tieout discrepancies list {context.name} --status all` shows what there is."
        ) from None


def show(context: ReviewContext, row: Row, as_json: bool) -> None:
    """Print one discrepancy: what is wrong since when, all sides of it, what was said and planned."""
    repairs = context.repairs_of(row["discrepancy_id"])
    if as_json:
        planned = [
            {name: each[name] for name in ("compensation_id", "action", "status", "reason")}
            for each in repairs
        ]
        render.print_json({**as_dict(context, row), "compensations": planned})
        return
    with render.printed() as console:
        _head(console, context, row)
        _sides(console, context, row)
        if repairs:
            table = tables.table("id", "action", "status", "waits for a person because")
            for each in repairs:
                reason = each["reason"] if each["status"] == "proposed" else None
                table.add_row(
                    each["compensation_id"][:SHOWN],
                    each["action"],
                    each["status"],
                    Text(render.reasons(reason)),
                )
            render.titled(console, "Compensations", "", table)
        render.print_words(console, context.words.of(row["discrepancy_id"]), context.name)
        render.print_next(console, _next(context, row, repairs))


def _head(console: Console, context: ReviewContext, row: Row) -> None:
    tables.say(console, f"{context.name}  {key_of(context, row)}", "bold")
    tables.say(
        console,
        f"{kind_of(row, beyond(context, row), full=True)}, fault {row['fault']}"
        if row["kind"]
        else "no verdict yet",
        "bold red",
    )
    seen = f"seen {counted(row['times_seen'] or 1, 'time')}, last as of {render.when(row['last_seen_at'])}"
    first = f"{render.when(row['first_seen_at'])} UTC"
    since = (
        f"at {render.when(row['resolved_at'])} UTC, first seen {first}"
        if has_ended(row)
        else f"since {first}"
    )
    tables.say(console, f"{status_of(context, row)} {since}, episode {row['episode']}, {seen}")
    facts = {
        "because": ": ".join(
            part for part in (row["reason"], because(row["reason"], detail_of(row))) if part
        ),
        "suspect": "records of this key contradict each other" if row["suspect"] else None,
        "behind truth": duration(row["lag_seconds"]) if row["lag_seconds"] is not None else None,
        "looks like": ", ".join(row["why"] or ()),
        "waived until": render.when(row["waived_until"]) if row.get("waived_until") else None,
        "id": row["discrepancy_id"],
    }
    for name, told in facts.items():
        if told:
            tables.say(console, f"{name}: {told}", "dim" if name == "id" else "")


def _sides(console: Console, context: ReviewContext, row: Row) -> None:
    sides: list[Side] = [side for side in SIDES if side == "target" or side in context.dataset.legs]
    texts: dict[Side, str | None] = {side: text_of(context.masks.row(row[f"{side}_row"])) for side in sides}
    truth: Side = context.dataset.reconcile.truth
    unknown = row["unknown_columns"] or ()
    differing, out = row["mismatched_columns"] or (), left_out(detail_of(row))
    cells, hidden = cells_of(texts, row["key"], differing, truth, sides, unknown, out)
    if not any(texts.values()):
        return
    table = tables.table("", "column", *(_HEADS[side] for side in sides))
    agree = sum(not cell.differs for cell in cells) + hidden
    for cell in cells:
        if cell.differs:
            legs = [Text(cell.of(side).text, "red" if side in cell.odd else "") for side in sides]
            table.add_row("≠", cell.column, *legs)
    beside = f"truth: {truth}" + (f"; {counted(agree, 'more column')} agree" if agree else "")
    render.titled(console, f"As of {render.when(row['as_of'])} UTC", beside, table)


def _next(context: ReviewContext, row: Row, repairs: list[Row]) -> list[str]:
    short = row["discrepancy_id"][:SHOWN]
    then = by_now(row["status"], context.words.waiting(row["discrepancy_id"]))
    commands = [f"tieout explain {context.name} {shell_key(context, row)}"] if shell_key(context, row) else []
    commands += [
        f"tieout compensations show {context.name} {each['compensation_id'][:SHOWN]}" for each in repairs[:1]
    ]
    if then == "open":
        commands.append(f'tieout discrepancies waive {context.name} {short} --reason "…" [--until …]')
    elif then == "waived":
        commands.append(f'tieout discrepancies waive {context.name} {short} --revoke --reason "…"')
    return commands


def shell_key(context: ReviewContext, row: Row) -> str | None:
    """The key as `tieout explain` takes it; None where part of it is masked."""
    if set(context.dataset.key) & set(context.masks.masking.columns):
        return None
    key: dict[str, Any] = json.loads(row["key"])
    only = next(iter(key.values())) if len(key) == 1 else None
    return shlex.quote(str(only) if isinstance(only, str | int) and only != "" else row["key"])
