"""Compensations under review -> a list, or one of them in full, guard and write side by side."""

import re
from datetime import datetime

from jobs.console.format import counted, value_text
from jobs.console.printing import show
from jobs.console.screen import Screen
from jobs.console.tables import Table, styled
from jobs.review.model import Compensation, CompensationList, CompensationPage, Row
from jobs.review.render.common import (
    key_line,
    print_decisions,
    print_next,
    print_totals,
    reasons,
    sentence,
    status_of,
    when,
)

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


@show.register
def compensation_list(listing: CompensationList, screen: Screen) -> None:
    """Print the compensations that fit, and how many there are of each status."""
    if listing.compensations:
        table = Table("id", "key", "action", "kind", "fault", "status", "waits because")
        for each in listing.compensations:
            row = each.facts
            reason = row["reason"] if row["status"] == "proposed" else None
            table.add(
                each.id, key_line(each.key), row["action"], row["kind"] or "-", row["fault"] or "-",
                status_of(each), reasons(reason),
            )  # fmt: skip
        screen.table(table)
        for each in listing.compensations:
            _print_failure(each, screen, f"{each.id}  ")
        screen.blank()
    count = len(listing.compensations)
    print_totals(
        screen, listing.dataset, "compensations", listing.totals, count, listing.more, listing.is_judged
    )


@show.register
def compensation_page(page: CompensationPage, screen: Screen) -> None:
    """Print one compensation: what the store holds and what it will, why it waits, decisions and steps."""
    each = page.compensation
    row = each.facts
    screen.say(f"{each.dataset}  {key_line(each.key)}", "bold")
    repairs = f"{row['action']}, repairs {row['kind'] or '-'}, fault {row['fault'] or '-'}"
    screen.say(f"{repairs}, episode {row['episode']}")
    screen.say(f"{status_of(each)} since {when(_since(row))} UTC", "bold")
    for line in _why(row):
        screen.say(line)
    if each.outcome:
        screen.say(f"outcome: {sentence(each.outcome)}")
    _print_failure(each, screen)
    screen.say(f"id: {row['compensation_id']}", "dim")
    _print_change(page, screen)
    print_decisions(screen, each.decisions, each.dataset)
    print_next(screen, page.next_steps)


def _print_failure(each: Compensation, screen: Screen, which: str = "") -> None:
    """Print how often a repair failed and why the last time; nothing of one that did not."""
    if each.error:
        times = counted(each.facts["attempts"] or 1, "time", "times")
        screen.say(f"{which}failed {times}: {sentence(each.error)}")


def _since(row: Row) -> datetime:
    stamps: list[datetime] = [at for step in _STEPS if (at := row[step]) is not None]
    return stamps[-1]


def _why(row: Row) -> list[str]:
    rule = f"rule {row['rule']}" if row["rule"] else ""
    tries = f", try {row['try_number']}" if (row["try_number"] or 1) > 1 else ""
    lines = [f"approved by {sentence(row['approved_by'])}"] if row["approved_by"] else []
    if row["reason"] and row["status"] == "proposed":
        lines.append("waits for a person's word:")
        lines += [f"  {sentence(each)}{_meaning(each)}" for each in row["reason"].split("; ")]
    return [*lines, f"{rule}{tries}"] if rule else lines


def _meaning(reason: str) -> str:
    head = re.split(r":| by ", reason, maxsplit=1)[0]
    return f" ({_BECAUSE[head]})" if head in _BECAUSE else ""


def _print_change(page: CompensationPage, screen: Screen) -> None:
    """The store's row, as the guard has it and as it will be; only what changes is marked."""
    guard, write = page.compensation.guard, page.compensation.write
    copies = guard if isinstance(guard, list) else [guard]
    heads = ["held (guard)"] if len(copies) < 2 else [f"copy {n}" for n in range(1, len(copies) + 1)]
    table = Table("", "column", *heads, "will hold (write)")
    for name in dict.fromkeys([*(name for copy in copies for name in copy), *(write or {})]):
        changes = name in page.changed
        before = [_cell(copy, name) for copy in copies] or ["no row"]
        after = "no row" if write is None else value_text(write[name]) if name in write else before[0]
        style = "" if changes else "dim"
        cells = [styled(text, style) for text in (name, *before)]
        table.add("≠" if changes else "", *cells, styled(after, "green" if changes else "dim"))
    beside = "in the store's own columns"
    if len(copies) > 1:
        beside += f"; {counted(len(copies), 'copy', 'copies')} go, one row comes"
    screen.titled("What changes", beside, table)


def _cell(copy: Row, name: str) -> str:
    return value_text(copy[name]) if name in copy else "-"
