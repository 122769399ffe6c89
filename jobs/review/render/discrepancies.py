"""Discrepancies under review -> a list with the lines that say why, or one of them in full."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs.console.cells import Cell
from jobs.console.format import counted, duration
from jobs.console.printing import show
from jobs.console.reasons import left_out
from jobs.console.screen import Screen
from jobs.console.side_by_side import beyond_truth, cells_of
from jobs.console.tables import Table, styled
from jobs.lake.vocabulary import SIDES, Side
from jobs.review.model import ID_LENGTH, Discrepancy, DiscrepancyList, DiscrepancyPage
from jobs.review.render.common import (
    key_line,
    print_decisions,
    print_next,
    print_totals,
    reasons,
    status_of,
    when,
)

_HEADS = {"events": "events", "changes": "changes", "target": "store"}


@show.register
def discrepancy_list(listing: DiscrepancyList, screen: Screen) -> None:
    """Print the discrepancies that fit, and how many there are of each status."""
    if listing.discrepancies:
        screen.table(_table(listing))
        screen.blank()
        for line in (*_because(listing.discrepancies), *_unmoved(listing)):
            screen.say(line)
    is_judged, count = listing.last_judged is not None, len(listing.discrepancies)
    print_totals(screen, listing.dataset, "discrepancies", listing.totals, count, listing.more, is_judged)
    if listing.stopped_at is not None:
        at = f"{when(listing.stopped_at)} UTC"
        screen.say(f"A gate stopped the run as of {at}: so it would be, and nothing was moved.")


@show.register
def discrepancy_page(page: DiscrepancyPage, screen: Screen) -> None:
    """Print one discrepancy: what is wrong since when, all sides of it, decisions and repairs."""
    _head(page, screen)
    _sides(page, screen)
    if page.repairs:
        table = Table("id", "action", "status", "waits for a person because")
        for each in page.repairs:
            reason = each["reason"] if each["status"] == "proposed" else None
            table.add(each["compensation_id"][:ID_LENGTH], each["action"], each["status"], reasons(reason))
        screen.titled("Compensations", "", table)
    print_decisions(screen, page.discrepancy.decisions, page.discrepancy.dataset)
    print_next(screen, page.next_steps)


def _table(listing: DiscrepancyList) -> Table:
    """The rows of a list; kind and fault where some row has one, and the reason likewise."""
    discrepancies = listing.discrepancies
    cells = {
        "id": [each.id for each in discrepancies],
        "key": [key_line(each.key) for each in discrepancies],
        "kind": [_kind(each, _beyond(each, listing.truth)) for each in discrepancies],
        "fault": [each.facts["fault"] or "-" for each in discrepancies],
        "status": [status_of(each) for each in discrepancies],
        "reason": [each.facts["reason"] or "-" for each in discrepancies],
        "since": [_since(each) for each in discrepancies],
    }
    empty = [
        name for name in ("kind", "fault", "reason") if not any(each.facts[name] for each in discrepancies)
    ]
    names = [name for name in cells if name not in empty]
    table = Table(*names)
    for row in zip(*(cells[name] for name in names), strict=True):
        table.add(*row)
    return table


def _because(discrepancies: Sequence[Discrepancy]) -> Iterator[str]:
    """Why keys wait, are not judged, or are judged by two legs; once where it is the same of all."""
    by_reason: dict[str, dict[str, list[Discrepancy]]] = {}
    for each in discrepancies:
        if each.because:
            name = each.facts["reason"] or each.facts["fault"] or ""
            by_reason.setdefault(name, {}).setdefault(each.because, []).append(each)
    for reason, whys in by_reason.items():
        for why, alike in whys.items():
            of = reason if len(whys) == 1 else "; ".join(key_line(each.key) for each in alike)
            yield f"{of}: {why}"
    if by_reason:
        yield ""


def _unmoved(listing: DiscrepancyList) -> Iterator[str]:
    """How many open ones were not judged at the newest T: in flight, out of scope, or without evidence."""
    last = listing.last_judged
    current = [each for each in listing.discrepancies if each.facts["status"] in ("open", "waived")]
    unmoved = [each for each in current if last and each.facts["as_of"] < last]
    if unmoved:
        more = f" and {len(unmoved) - 1:,} more" if len(unmoved) > 1 else ""
        first = key_line(unmoved[0].key)
        yield f"Not judged anew as of {when(last)} UTC: {first}{more}; `tieout explain` says why."


def _since(each: Discrepancy) -> str:
    if _has_ended(each):
        return f"at {when(each.facts['resolved_at'])[:16]}"
    return when(each.facts["first_seen_at"])[:16]


def _has_ended(each: Discrepancy) -> bool:
    return each.facts["status"] == "resolved" and each.facts["resolved_at"] is not None


def _kind(each: Discrepancy, beyond: Mapping[str, str], full: bool = False) -> str:
    """The kind with the columns that differ, the first two unless in full."""
    kind, differing = each.facts["kind"], each.facts["mismatched_columns"] or []
    names = differing if kind in ("mismatch", "stale") else []
    named = [
        f"{name} ({beyond[name]})" if name in beyond else name for name in (names if full else names[:2])
    ]
    more = f", {len(names) - len(named)} more" if len(names) > len(named) else ""
    return f"{kind or '-'}: {', '.join(named)}{more}" if names else kind or "-"


def _beyond(each: Discrepancy, truth: Side) -> dict[str, str]:
    """Who says what of the columns that differ and that truth does not know."""
    return beyond_truth(_cells(each, truth, SIDES)[0], truth)


def _cells(each: Discrepancy, truth: Side, sides: Sequence[Side]) -> tuple[tuple[Cell, ...], int]:
    texts = {side: _json(each.rows[side]) for side in sides}
    differing, unknown = each.facts["mismatched_columns"] or (), each.facts["unknown_columns"] or ()
    out = left_out(each.reason_detail)
    return cells_of(texts, json.dumps(each.key), differing, truth, sides, unknown, out)


def _json(row: Any) -> str | None:
    return None if row is None else json.dumps(row)


def _head(page: DiscrepancyPage, screen: Screen) -> None:
    each = page.discrepancy
    row = each.facts
    screen.say(f"{each.dataset}  {key_line(each.key)}", "bold")
    kind = f"{_kind(each, _beyond(each, page.truth), full=True)}, fault {row['fault']}"
    screen.say(kind if row["kind"] else "no verdict yet", "bold red")
    times = f"seen {counted(row['times_seen'] or 1, 'time')}, last as of {when(row['last_seen_at'])}"
    first = f"{when(row['first_seen_at'])} UTC"
    ended = f"at {when(row['resolved_at'])} UTC, first seen {first}"
    since = ended if _has_ended(each) else f"since {first}"
    screen.say(f"{status_of(each)} {since}, episode {row['episode']}, {times}")
    lines = {
        "because": ": ".join(part for part in (row["reason"], each.because) if part),
        "suspect": "records of this key contradict each other" if row["suspect"] else None,
        "behind truth": duration(row["lag_seconds"]) if row["lag_seconds"] is not None else None,
        "looks like": ", ".join(row["why"] or ()),
        "waived until": when(row["waived_until"]) if row["waived_until"] else None,
        "id": row["discrepancy_id"],
    }
    for name, line in lines.items():
        if line:
            screen.say(f"{name}: {line}", "dim" if name == "id" else "")


def _sides(page: DiscrepancyPage, screen: Screen) -> None:
    each, sides = page.discrepancy, page.sides
    if not any(each.rows[side] is not None for side in sides):
        return
    cells, hidden = _cells(each, page.truth, sides)
    table = Table("", "column", *(_HEADS[side] for side in sides))
    agree = sum(not cell.differs for cell in cells) + hidden
    for cell in cells:
        if cell.differs:
            legs = [styled(cell.of(side).text, "red" if side in cell.odd else "") for side in sides]
            table.add("≠", cell.column, *legs)
    beside = f"truth: {page.truth}" + (f"; {counted(agree, 'more column')} agree" if agree else "")
    screen.titled(f"As of {when(each.facts['as_of'])} UTC", beside, table)
