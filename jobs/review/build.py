"""A dataset under review and filters or an id -> its discrepancies and compensations, masked."""

import json
import shlex
from typing import Any

from jobs.decisions.log import by_now, does_nothing
from jobs.errors import ConfigError, InputError
from jobs.lake.vocabulary import SIDES
from jobs.review.context import ReviewContext, Row
from jobs.review.keys import is_key
from jobs.review.model import (
    ID_LENGTH,
    Compensation,
    CompensationList,
    CompensationPage,
    Discrepancy,
    DiscrepancyList,
    DiscrepancyPage,
)
from jobs.review.selection import Filters, named, page_of
from jobs.review.totals import totals

_OF_DISCREPANCY = (
    "discrepancy_id", "status", "episode", "kind", "fault", "first_kind", "first_fault", "reason", "suspect",
    "mismatched_columns", "unknown_columns", "why", "lag_seconds", "as_of", "first_seen_at", "last_seen_at",
    "resolved_at", "times_seen", "waived_until",
)  # fmt: skip
_OF_COMPENSATION = (
    "compensation_id", "discrepancy_id", "episode", "action", "kind", "fault", "rule", "reason", "status",
    "proposed_at", "approved_at", "approved_by", "published_at", "applied_at", "confirmed_at", "attempts",
    "try_number",
)  # fmt: skip
_OF_REPAIR = ("compensation_id", "action", "status", "reason")


def discrepancies(context: ReviewContext, filters: Filters, limit: int) -> DiscrepancyList:
    """The discrepancies that fit, open and new ones first.

    Where a gate stopped the newest run, those that it would have written: nothing else shows what it saw.
    """
    stopped_at = context.stopped_at
    context = context if stopped_at is None else context.of_withheld()
    rows, more = page_of(context, "discrepancies", filters, limit)
    return DiscrepancyList(
        context.name,
        context.dataset.reconcile.truth,
        tuple(_discrepancy(context, row) for row in rows),
        more,
        totals(context, "discrepancies"),
        context.last_judged,
        stopped_at,
    )


def discrepancy_page(context: ReviewContext, which: str) -> DiscrepancyPage:
    """The discrepancy of a key, or the one whose id begins so: all sides of it, decisions and repairs.

    Raises:
        ConfigError: neither can be read.
        InputError: there is none.
    """
    row = _row_named(context, which)
    repairs = context.repairs_of(row["discrepancy_id"])
    return DiscrepancyPage(
        _discrepancy(context, row),
        context.dataset.reconcile.truth,
        tuple(side for side in SIDES if side == "target" or side in context.dataset.legs),
        tuple({name: each[name] for name in _OF_REPAIR} for each in repairs),
        tuple(_after_discrepancy(context, row, repairs)),
    )


def compensations(context: ReviewContext, filters: Filters, limit: int) -> CompensationList:
    """The compensations that fit, those that wait for a person first."""
    rows, more = page_of(context, "compensations", filters, limit)
    counts = totals(context, "compensations")
    is_judged = bool(counts.by_status) or context.last_judged is not None
    repairs = tuple(_compensation(context, row) for row in rows)
    return CompensationList(context.name, repairs, more, counts, is_judged)


def compensation_page(context: ReviewContext, which: str) -> CompensationPage:
    """The compensation whose id begins so: what the store holds and will, why it waits, the decisions.

    Raises:
        ConfigError: the text is not the beginning of an id, or of several.
        InputError: no id begins so.
    """
    [row] = named(context, "compensations", [which])
    steps = tuple(_after_compensation(context, row))
    return CompensationPage(_compensation(context, row), frozenset(_changed(row)), steps)


def key_of(context: ReviewContext, row: Row) -> Any:
    """The key of a row, masked parts masked."""
    return context.masks.row(row["key"])


def _discrepancy(context: ReviewContext, row: Row) -> Discrepancy:
    id_ = row["discrepancy_id"]
    return Discrepancy(
        dataset=context.name,
        key=key_of(context, row),
        facts={name: row.get(name) for name in _OF_DISCREPANCY},
        rows={side: context.masks.row(row[f"{side}_row"]) for side in SIDES},
        # A table that an older Tieout wrote last has no details.
        reason_detail=row.get("reason_detail"),
        by_now=by_now(row["status"], context.decision_log.waiting(id_)),
        decisions=tuple(context.decision_log.of(id_)),
    )


def _compensation(context: ReviewContext, row: Row) -> Compensation:
    id_, masks = row["compensation_id"], context.masks
    return Compensation(
        dataset=context.name,
        key=key_of(context, row),
        facts={name: row.get(name) for name in _OF_COMPENSATION},
        row=masks.row(row["row"]),
        guard=masks.store_row(row["guard"]),
        write=masks.store_row(row["write"]),
        outcome=masks.sentence(row["outcome"]),
        error=row["error"] and masks.cause(row["error"], row),
        by_now=by_now(row["status"], context.decision_log.waiting(id_)),
        decisions=tuple(context.decision_log.of(id_)),
    )


def _row_named(context: ReviewContext, which: str) -> Row:
    try:
        by_key = context.rows("discrepancies", [is_key(which, context.dataset, "d")], limit=1)
    except ConfigError:
        # With a key of several columns, text that is not JSON is an id.
        if which.lstrip().startswith("{"):
            raise
        by_key = []
    if by_key:
        return by_key[0]
    try:
        return named(context, "discrepancies", [which])[0]
    except (ConfigError, InputError) as error:
        if "is the beginning of" in str(error):
            raise
        raise InputError(
            f"{context.name} has no discrepancy of the key {which}, nor one whose id begins so; "
            f"`tieout discrepancies list {context.name} --status all` shows what there is."
        ) from None


def _changed(row: Row) -> list[str]:
    """The store's columns whose values change: masked ones look alike without a secret, so before masking."""
    guard, write = json.loads(row["guard"]), json.loads(row["write"]) if row["write"] else None
    copies = (guard if isinstance(guard, list) else [guard]) or [{}]
    names = dict.fromkeys([*(name for copy in copies for name in copy), *(write or {})])
    if write is None:
        return list(names)
    return [
        name
        for name in names
        if name in write and any(name not in copy or copy[name] != write[name] for copy in copies)
    ]


def _after_discrepancy(context: ReviewContext, row: Row, repairs: list[Row]) -> list[str]:
    short = row["discrepancy_id"][:ID_LENGTH]
    then = by_now(row["status"], context.decision_log.waiting(row["discrepancy_id"]))
    commands = _explaining(context, row)
    commands += [
        f"tieout compensations show {context.name} {each['compensation_id'][:ID_LENGTH]}"
        for each in repairs[:1]
    ]
    if then == "open":
        commands.append(f'tieout discrepancies waive {context.name} {short} --reason "…" [--until …]')
    elif then == "waived":
        commands.append(f'tieout discrepancies waive {context.name} {short} --revoke --reason "…"')
    return commands


def _after_compensation(context: ReviewContext, row: Row) -> list[str]:
    short = row["compensation_id"][:ID_LENGTH]
    waiting = context.decision_log.waiting(row["compensation_id"])
    commands = _explaining(context, row)
    commands.append(f"tieout discrepancies show {context.name} {row['discrepancy_id'][:ID_LENGTH]}")
    choices = (("approve", "approve", ""), ("reject", "reject", ""), ("revoke", "approve", " --revoke"))
    for decision, command, option in choices:
        if does_nothing(decision, row["status"], waiting) is None:
            commands.append(f'tieout compensations {command} {context.name} {short}{option} --reason "…"')
    return commands


def _explaining(context: ReviewContext, row: Row) -> list[str]:
    """The command that explains the key, as a shell takes it; none where part of it is masked."""
    if set(context.dataset.key) & set(context.masks.masking.columns):
        return []
    key: dict[str, Any] = json.loads(row["key"])
    only = next(iter(key.values())) if len(key) == 1 else None
    bare = isinstance(only, str | int) and only != ""
    return [f"tieout explain {context.name} {shlex.quote(str(only) if bare else row['key'])}"]
