"""Ids of compensations that were delivered -> the store's answers, and what they change in their rows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobs.compensate.compensation import EMPTY, Applied, readable
from jobs.compensate.consumer.store import Store
from jobs.compensate.recording import Book, Row

# What failed may be tried again. Applied, refused and confirmed were answered for good.
OPEN = ("approved", "published", "failed")
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


class Answering:
    """Applies what may be applied; what was answered, or withdrawn, meanwhile does not reach the store."""

    def __init__(self, store: Store, book: Book) -> None:
        self._store = store
        self._book = book

    def answer(self, delivered: Sequence[str]) -> Told:
        """Answer each delivered id once; the second of the same delivery is a repetition."""
        ids = list(dict.fromkeys(delivered))
        rows = self._book.named(ids)
        unknown = frozenset(ids) - set(rows)
        going = [rows[each] for each in ids if each in rows and rows[each]["status"] in OPEN]
        withdrawn = [each for each in ids if each in rows and rows[each]["status"] in _WITHDRAWN]
        answers = self._applied(going) | self._withdrawn(withdrawn, rows)
        counts = Counter(answer.status for answer in answers.values())
        repeated = sum(each not in unknown for each in delivered) - len(answers)
        return Told(rows, answers, unknown, counts + Counter(repeated=repeated))

    def record(self, told: Told, now: datetime) -> None:
        """Write the answers into the rows that they are about, by one commit."""
        self._book.record(
            [(told.rows[name], _change(told.rows[name], a, now)) for name, a in told.answers.items()]
        )

    def _applied(self, rows: Sequence[Row]) -> dict[str, Applied]:
        known, unreadable = readable(rows)
        answers = [Applied.failed(name, why) for name, why in unreadable.items()]
        answers += [Applied.refused(each.compensation_id, EMPTY) for each in known if each.is_empty]
        going = [each for each in known if not each.is_empty]
        answers += self._store.apply(going) if going else []
        return {answer.compensation_id: answer for answer in answers}

    def _withdrawn(self, ids: Sequence[str], rows: Mapping[str, Row]) -> dict[str, Applied]:
        """Answer those that may not be applied any more: as the ledger does, if it was done before that."""
        known = self._store.answers(ids) if ids else {}
        return {
            name: known.get(name) or Applied.refused(name, _WITHDRAWN[rows[name]["status"]]) for name in ids
        }


def _change(row: Row, answer: Applied, now: datetime) -> Row:
    if answer.status == "failed":
        tried = (row["attempts"] or 0) + 1
        return {"status": "failed", "attempts": tried, "error": answer.error}
    said: dict[str, object] = {"outcome": answer.outcome, "error": None}
    if answer.status == "applied":
        # Taken straight from the table, it was handed over just now.
        said |= {"applied_at": now, "published_at": row["published_at"] or now}
    return said if row["status"] in _WITHDRAWN else {**said, "status": answer.status}
