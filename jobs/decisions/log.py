"""Words about a subject, taken in or not yet -> what it is by now, and what another word would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.run.decision_inbox import Decision

# What a word makes of a status; of any other it makes nothing (R22, R26).
_MAKES = {
    "approve": {"proposed": "approved", "rejected": "approved", "failed": "approved"},
    "reject": {"proposed": "rejected", "approved": "rejected", "failed": "rejected"},
    "waive": {"open": "waived"},
    "revoke": {"approved": "proposed", "rejected": "proposed", "waived": "open"},
}
# What filters choose for a word: not what others have decided otherwise.
_CHOSEN = {
    "approve": ("proposed",),
    "reject": ("proposed", "approved"),
    "waive": ("open",),
    "revoke": ("approved", "rejected", "waived"),
}
_WHY_NOT = {
    "published": "is on its way to the store already",
    "applied": "was applied already",
    "confirmed": "was applied and confirmed already",
    "refused": "was refused by the store's guard: the next reconcile proposes anew what is still wrong",
    "superseded": "is superseded: the key has moved on",
    "pending": "is pending: it is not known yet whether anything is wrong",
    "unjudged": "is unjudged: it is not known whether anything is wrong",
    "resolved": "is resolved already",
    "open": "is not waived",
    "proposed": "has no word to take back",
    "failed": "failed: approve it to try it again, or reject it",
}


@dataclass(frozen=True)
class Word:
    """One word; `taken_in`: a run has read it."""

    said: Decision
    taken_in: bool


@dataclass(frozen=True)
class Words:
    """All words about a dataset, by subject, oldest first."""

    by_subject: Mapping[str, list[Word]]

    def of(self, subject: str) -> list[Word]:
        """All words about a subject, oldest first."""
        return self.by_subject.get(subject, [])

    def last(self, subject: str) -> Word | None:
        """The word that counts."""
        return next(reversed(self.of(subject)), None)

    def waiting(self, subject: str) -> Decision | None:
        """The word that counts, if the next run takes it in."""
        last = self.last(subject)
        return None if last is None or last.taken_in else last.said

    def after(
        self, subjects: Iterable[str], now: datetime, stamps: Iterable[datetime | None] = ()
    ) -> datetime:
        """An instant that is not before now, and later than every word about the subjects and every stamp.

        Clocks of two machines differ, and a fixed one stands still: what is said last has to count.
        """
        said = [word.said.decided_at for subject in subjects if (word := self.last(subject))]
        past = [*said, *(at for at in stamps if at is not None)]
        return max([now, *(at + timedelta(microseconds=1) for at in past)])


def words_of(taken_in: Iterable[Decision], waiting: Iterable[Decision]) -> Words:
    """Order the words of the table and those of the inbox that it lacks."""
    found = [*(Word(said, True) for said in taken_in), *(Word(said, False) for said in waiting)]
    by_subject: dict[str, list[Word]] = {}
    for word in sorted(found, key=lambda word: word.said.order):
        by_subject.setdefault(word.said.subject_id, []).append(word)
    return Words(by_subject)


def by_now(status: str, waiting: Decision | None) -> str:
    """The status that the newest word makes, once the next run has taken it in, if nothing else changes."""
    return status if waiting is None else _MAKES[waiting.decision].get(status, status)


def does_nothing(decision: str, status: str, waiting: Decision | None) -> str | None:
    """Why one more word would change nothing; None where it does.

    `status` is the table's, `waiting` the newest word that no run has taken in: the new one takes its place.
    """
    now, then = by_now(status, waiting), _MAKES[decision].get(status, status)
    # Of a waiver that stands, another changes the end or the reason.
    if then != now or (decision == "waive" and now == "waived"):
        return None
    return _WHY_NOT.get(now, f"is {now} already")


def is_chosen(decision: str, status: str, waiting: Decision | None) -> bool:
    """Whether a filter that fits chooses it for the word."""
    now = by_now(status, waiting)
    return now in _CHOSEN[decision] and does_nothing(decision, status, waiting) is None
