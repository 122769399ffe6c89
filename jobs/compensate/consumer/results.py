"""Ids of compensations that were delivered -> the store's results, and what they change in their rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jobs.compensate.compensation import EMPTY, Applied, readable
from jobs.compensate.consumer.store import Store
from jobs.compensate.recording import Repository, Row

# Applied, refused and confirmed are final; a failed one was tried often enough.
OPEN = ("approved", "published")
# These were withdrawn since they were sent: they keep their status, whatever is delivered.
_WITHDRAWN = {
    "proposed": "withdrawn: its approval was taken back",
    "rejected": "withdrawn: it was rejected",
    "superseded": "withdrawn: it was superseded",
}


@dataclass(frozen=True)
class ApplyResults:
    """The results by id, the rows of these ids, and the ids that have no row."""

    rows: Mapping[str, Row]
    results: Mapping[str, Applied]
    unknown: frozenset[str]
    counts: Counter[str]


@dataclass(frozen=True)
class Failure:
    """An attempt that failed: the repair's row as it was read, which attempt it was of how many, and why."""

    row: Row
    attempt: int
    of: int
    error: str

    @property
    def is_last(self) -> bool:
        """Whether the repair is not tried again until a person approves it again."""
        return self.attempt >= self.of


@dataclass
class Applier:
    """Applies what may be applied; what has a result, or was withdrawn, meanwhile does not reach the store.

    One is made for each call of `tieout apply`: it tries no repair twice. `attempts`: how many calls may try
    one. `masked`: what may be shown of an error of a row. `failures`: those of this call.
    """

    store: Store
    repository: Repository
    attempts: int
    masked: Callable[[str, Row], str]
    failures: list[Failure] = field(default_factory=list)
    _tried: set[str] = field(default_factory=set)

    def apply(self, delivered: Sequence[str]) -> ApplyResults:
        """Apply each delivered id once; the second of the same delivery is a repetition."""
        ids = list(dict.fromkeys(delivered))
        rows = self.repository.named(ids)
        unknown = frozenset(ids) - set(rows)
        applicable = [
            rows[each]
            for each in ids
            if each in rows and each not in self._tried and rows[each]["status"] in OPEN
        ]
        withdrawn = [each for each in ids if each in rows and rows[each]["status"] in _WITHDRAWN]
        results = self._applied(applicable) | self._withdrawn(withdrawn, rows)
        counts = Counter(each_result.status for each_result in results.values())
        repeated = sum(each not in unknown for each in delivered) - len(results)
        return ApplyResults(rows, results, unknown, counts + Counter(repeated=repeated))

    def record(self, applied: ApplyResults, now: datetime) -> None:
        """Write the results into their rows, by one commit."""
        failed = {
            name: self._failure(applied.rows[name], result.error or "")
            for name, result in applied.results.items()
            if result.status == "failed"
        }
        self.repository.record(
            [
                (row, _tried_once_more(row, failed[name]) if name in failed else _change(row, result, now))
                for name, result in applied.results.items()
                for row in [applied.rows[name]]
            ]
        )
        self.failures += failed.values()
        self._tried |= set(failed)

    def _failure(self, row: Row, error: str) -> Failure:
        return Failure(row, (row["attempts"] or 0) + 1, self.attempts, self.masked(error, row))

    def _applied(self, rows: Sequence[Row]) -> dict[str, Applied]:
        known, unreadable = readable(rows)
        results = [Applied.failed(name, why) for name, why in unreadable.items()]
        results += [Applied.refused(each.compensation_id, EMPTY) for each in known if each.is_empty]
        applicable = [each for each in known if not each.is_empty]
        results += self.store.apply(applicable) if applicable else []
        return {result.compensation_id: result for result in results}

    def _withdrawn(self, ids: Sequence[str], rows: Mapping[str, Row]) -> dict[str, Applied]:
        """The results of those that may not be applied any more: the ledger's, if it was done before that."""
        known = self.store.recorded_results(ids) if ids else {}
        return {
            name: known.get(name) or Applied.refused(name, _WITHDRAWN[rows[name]["status"]]) for name in ids
        }


def _tried_once_more(row: Row, failure: Failure) -> Row:
    """The attempt is counted; until the last the status stays, so that the next call tries again."""
    status = "failed" if failure.is_last else row["status"]
    return {"status": status, "attempts": failure.attempt, "error": failure.error}


def _change(row: Row, result: Applied, now: datetime) -> Row:
    changes: dict[str, object] = {"outcome": result.outcome, "error": None}
    if result.status == "applied":
        # Taken straight from the table, it was handed over just now.
        changes |= {"applied_at": now, "published_at": row["published_at"] or now}
    return changes if row["status"] in _WITHDRAWN else {**changes, "status": result.status}
