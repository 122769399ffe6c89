"""Ids of compensations that were delivered -> the store's answers, and what they change in their rows."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from jobs.compensate.compensation import EMPTY, Applied, readable
from jobs.compensate.consumer.store import Store
from jobs.compensate.recording import Book, Row

# Applied, refused and confirmed were answered for good; a failed one was tried often enough.
OPEN = ("approved", "published")
# Of these somebody has thought better since: they keep their status, whatever is delivered.
_WITHDRAWN = {
    "proposed": "withdrawn: its approval was taken back",
    "rejected": "withdrawn: it was rejected",
    "superseded": "withdrawn: it was superseded",
}


@dataclass(frozen=True)
class Told:
    """The answers by id, the rows they are about, and the ids that no row is about."""

    rows: Mapping[str, Row]
    answers: Mapping[str, Applied]
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
class Answering:
    """Applies what may be applied; what was answered, or withdrawn, meanwhile does not reach the store.

    One is made for each call of `tieout apply`: it tries no repair twice. `attempts`: how many calls may try
    one. `masked`: what may be shown of an error of a row. `failures`: those of this call.
    """

    store: Store
    book: Book
    attempts: int
    masked: Callable[[str, Row], str]
    failures: list[Failure] = field(default_factory=list)
    _tried: set[str] = field(default_factory=set)

    def answer(self, delivered: Sequence[str]) -> Told:
        """Answer each delivered id once; the second of the same delivery is a repetition."""
        ids = list(dict.fromkeys(delivered))
        rows = self.book.named(ids)
        unknown = frozenset(ids) - set(rows)
        going = [
            rows[each]
            for each in ids
            if each in rows and each not in self._tried and rows[each]["status"] in OPEN
        ]
        withdrawn = [each for each in ids if each in rows and rows[each]["status"] in _WITHDRAWN]
        answers = self._applied(going) | self._withdrawn(withdrawn, rows)
        counts = Counter(answer.status for answer in answers.values())
        repeated = sum(each not in unknown for each in delivered) - len(answers)
        return Told(rows, answers, unknown, counts + Counter(repeated=repeated))

    def record(self, told: Told, now: datetime) -> None:
        """Write the answers into the rows that they are about, by one commit."""
        failed = {
            name: self._failure(told.rows[name], answer.error or "")
            for name, answer in told.answers.items()
            if answer.status == "failed"
        }
        self.book.record(
            [
                (row, _tried_once_more(row, failed[name]) if name in failed else _change(row, answer, now))
                for name, answer in told.answers.items()
                for row in [told.rows[name]]
            ]
        )
        self.failures += failed.values()
        self._tried |= set(failed)

    def _failure(self, row: Row, error: str) -> Failure:
        return Failure(row, (row["attempts"] or 0) + 1, self.attempts, self.masked(error, row))

    def _applied(self, rows: Sequence[Row]) -> dict[str, Applied]:
        known, unreadable = readable(rows)
        answers = [Applied.failed(name, why) for name, why in unreadable.items()]
        answers += [Applied.refused(each.compensation_id, EMPTY) for each in known if each.is_empty]
        going = [each for each in known if not each.is_empty]
        answers += self.store.apply(going) if going else []
        return {answer.compensation_id: answer for answer in answers}

    def _withdrawn(self, ids: Sequence[str], rows: Mapping[str, Row]) -> dict[str, Applied]:
        """Answer those that may not be applied any more: as the ledger does, if it was done before that."""
        known = self.store.answers(ids) if ids else {}
        return {
            name: known.get(name) or Applied.refused(name, _WITHDRAWN[rows[name]["status"]]) for name in ids
        }


def _tried_once_more(row: Row, failure: Failure) -> Row:
    """The attempt is counted; until the last the status stays, so that the next call tries again."""
    status = "failed" if failure.is_last else row["status"]
    return {"status": status, "attempts": failure.attempt, "error": failure.error}


def _change(row: Row, answer: Applied, now: datetime) -> Row:
    said: dict[str, object] = {"outcome": answer.outcome, "error": None}
    if answer.status == "applied":
        # Taken straight from the table, it was handed over just now.
        said |= {"applied_at": now, "published_at": row["published_at"] or now}
    return said if row["status"] in _WITHDRAWN else {**said, "status": answer.status}
