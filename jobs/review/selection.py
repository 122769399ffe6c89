"""What the command line names (ids, filters, a file, all) -> the rows meant, all of them or one sentence."""

import re
import sys
import typing as t
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jobs.clock import instant
from jobs.console.format import counted, when
from jobs.decisions.log import does_nothing, is_chosen
from jobs.errors import ConfigError, InputError
from jobs.lake.vocabulary import REASON_MEANS
from jobs.review.context import ReviewContext, Row
from jobs.review.keys import is_key
from jobs.review.model import ID_LENGTH, IDS, NOUNS
from jobs.settings.repair import Fault, Kind
from jobs.storage.delta_query import quoted, text

_SHORTEST = 4
_LISTED = 3
STATUSES = {
    "discrepancies": ("open", "waived", "pending", "unjudged", "resolved"),
    "compensations": (
        "proposed", "failed", "refused", "approved", "published", "applied", "rejected", "superseded",
        "confirmed",
    ),
}  # fmt: skip
_GRAVEST = ("unexpected", "missing", "undeleted", "duplicated", "mismatch", "stale")
_ACTIONS = ("insert", "update", "delete")


@dataclass(frozen=True)
class Filters:
    """What a row has to be; None does not filter.

    `hold_reason`: why a repair waits, or `held`: for any reason. `reason`: why a key waits or is not judged.
    """

    status: str | None = None
    kind: str | None = None
    fault: str | None = None
    action: str | None = None
    hold_reason: str | None = None
    keys: Sequence[str] = ()
    reason: str | None = None

    def __bool__(self) -> bool:
        asked = (self.status, self.kind, self.fault, self.action, self.hold_reason, self.keys, self.reason)
        return any(asked)

    def where(self, context: ReviewContext, table: str) -> list[str]:
        """The conditions, in SQL over the dataset's tables.

        Raises:
            ConfigError: a filter is not known, or a key cannot be read.
        """
        alias = table[0]
        _known("--status", self.status, (*STATUSES[table], "all"))
        _known("--kind", self.kind, t.get_args(Kind))
        _known("--fault", self.fault, t.get_args(Fault))
        _known("--action", self.action, _ACTIONS)
        _known("--reason", self.reason, tuple(REASON_MEANS))
        where = [f"d.kind = {text(self.kind)}"] if self.kind else []
        where += [f"d.fault = {text(self.fault)}"] if self.fault else []
        where += [f"{alias}.status = {text(self.status)}"] if self.status and self.status != "all" else []
        where += [f"c.action = {text(self.action)}"] if self.action else []
        where += [f"d.reason = {text(self.reason)}"] if self.reason else []
        if self.hold_reason == "held":
            where.append("c.reason IS NOT NULL")
        elif self.hold_reason:
            # Reasons are joined by semicolons; details follow behind a colon, or after ` by ` who it was.
            ends = (
                f"strpos('; ' || c.reason || ';', {text(f'; {self.hold_reason}{end}')}) > 0"
                for end in (":", ";", " by ")
            )
            where.append(" OR ".join(ends))
        if self.keys:
            where.append(" OR ".join(f"({is_key(key, context.dataset, alias)})" for key in self.keys))
        return where


def page_of(context: ReviewContext, table: str, filters: Filters, limit: int) -> tuple[list[Row], bool]:
    """The first rows that fit, in their order, and whether there are more."""
    rows = context.rows(table, filters.where(context, table), order_of(table), limit + 1)
    return list(rows[:limit]), len(rows) > limit


def order_of(table: str) -> str:
    """The order of a list: by status as `STATUSES` has them, the newest first, then what weighs most."""
    alias, at = table[0], {"discrepancies": "d.first_seen_at", "compensations": "c.proposed_at"}[table]
    ranks = f"{_rank(f'{alias}.status', STATUSES[table])}, {at} DESC, {_rank('d.kind', _GRAVEST)}"
    return f"{ranks}, {alias}.{quoted(IDS[table])}"


def _rank(column: str, values: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {text(value)} THEN {n}" for n, value in enumerate(values))
    return f"CASE {column} {cases} ELSE {len(values)} END"


def _known(option: str, value: str | None, allowed: Sequence[str]) -> None:
    if value is not None and value not in allowed:
        raise ConfigError(f"{option} {value} is not known; use one of {', '.join(allowed)}.")


@dataclass(frozen=True)
class Asked:
    """Which rows a decision is about; exactly one of ids, filters, file and all."""

    ids: Sequence[str] = ()
    filters: Filters = Filters()
    file: str | None = None
    all: bool = False

    def one_way(self, *flags: str) -> None:
        """Refuse to guess; `flags` are what a command has beside ids and filters.

        Raises:
            ConfigError: no way of naming rows was used, or more than one.
        """
        ways = {"ids": self.ids, "filters": self.filters, "--file": self.file, "--all": self.all}
        used = [way for way, value in ways.items() if value]
        if len(used) != 1:
            given = f", not {' and '.join(used)}" if used else ""
            names = f"{', '.join(('ids', 'filters', *flags[:-1]))} or {flags[-1]}"
            raise ConfigError(f"Say which ones are meant, in one way: {names}{given}.")


def chosen(context: ReviewContext, table: str, asked: Asked, decision: str) -> list[Row]:
    """The rows that a decision is about.

    Rows that are named have to be there, and the decision has to change each; filters choose of theirs those
    that nobody has decided otherwise.

    Raises:
        ConfigError: they are named in no way that can be read.
        InputError: one is not there, the decision would not change one, or a filter leaves none.
    """

    def why_not(row: Row) -> str | None:
        return does_nothing(decision, row["status"], context.decision_log.waiting(row[IDS[table]]))

    if asked.ids or asked.file:
        rows = named(context, table, asked.ids or ids_in(asked.file or ""))
        wrong = [f"{row[IDS[table]][:ID_LENGTH]} {why}" for row in rows if (why := why_not(row))]
        if wrong:
            raise InputError(f"Nothing was decided: {_some(wrong)}.")
        return rows
    rows = context.rows(table, asked.filters.where(context, table), order_of(table))
    fitting = [
        row
        for row in rows
        if is_chosen(decision, row["status"], context.decision_log.waiting(row[IDS[table]]))
    ]
    if fitting:
        return fitting
    if not rows:
        raise InputError(
            f"Nothing was decided: no {NOUNS[table]} of {context.name} fits{_look(context, table)}."
        )
    fit = f"{counted(len(rows), f'{NOUNS[table]} fits', f'{table} fit')}"
    first = f"{rows[0][IDS[table]][:ID_LENGTH]} {why_not(rows[0]) or 'is ' + rows[0]['status']}"
    raise InputError(f"Nothing was decided: {fit}, and none is to be decided on; {first}.")


def named(context: ReviewContext, table: str, starts: Sequence[str]) -> list[Row]:
    """The rows of ids, each named by as much of its beginning as makes it the only one.

    Raises:
        ConfigError: a text is not the beginning of an id, or of several.
        InputError: no id begins so.
    """
    wanted = list(dict.fromkeys(each.lower() for each in starts))
    odd = [each for each in wanted if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},32}}", each)]
    if odd:
        raise ConfigError(f"{_some(odd)}: an id is named by {_SHORTEST} or more of its first hex digits.")
    by_id = {row[IDS[table]]: row for row in context.starting(table, wanted)}
    exact = {each: [each] for each in wanted if each in by_id}
    ids_by_start = {
        each: exact.get(each) or [id_ for id_ in by_id if id_.startswith(each)] for each in wanted
    }
    missing = [each for each, ids in ids_by_start.items() if not ids]
    if missing:
        noun = f"No {NOUNS[table]} of {context.name}"
        raise InputError(f"{noun} has an id that begins with {_some(missing)}{_look(context, table)}.")
    several = {each: ids for each, ids in ids_by_start.items() if len(ids) > 1}
    for each, ids in several.items():
        examples = _some([id_[: _shared(ids) + _SHORTEST] for id_ in ids])
        raise ConfigError(f"{each} is the beginning of {len(ids)} {table}: {examples}; write more of it.")
    return [by_id[id_] for id_ in dict.fromkeys(ids[0] for ids in ids_by_start.values())]


def ids_in(file: str) -> list[str]:
    """The first word of every line of a file (`-`: of stdin); empty lines and `# …` are left out.

    Raises:
        ConfigError: it cannot be read, or names nothing.
    """
    try:
        lines = (sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--file {file} cannot be read: {getattr(error, 'strerror', error)}.") from None
    ids = [fields[0] for line in lines if (fields := line.split()) and not fields[0].startswith("#")]
    if not ids:
        raise ConfigError(f"--file {file} names no id; write one on each line.")
    return ids


def until(given: str | None, context: ReviewContext) -> datetime | None:
    """Read the end of a waiver, an instant T: ISO 8601, UTC where it names no zone.

    Raises:
        ConfigError: it is none, or not after the T that was judged last: the waiver would never hold.
    """
    at = instant(given, "--until", "2026-12-24T00:00:00Z")
    last = None if at is None else context.last_judged
    if at is not None and last is not None and at <= last:
        raise ConfigError(
            f"--until {given} is not after {when(last)} UTC, the T that {context.name} was judged at last; "
            "name a later T (not a time of the clock)."
        )
    return at


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more


def _look(context: ReviewContext, table: str) -> str:
    return f"; `tieout {table} list {context.name} --status all` shows what there is"


def _shared(ids: Sequence[str]) -> int:
    """How many digits all ids begin with."""
    return next(n for n in range(33) if len({id_[: n + 1] for id_ in ids}) > 1)
