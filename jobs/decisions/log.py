"""Decisions on a subject, taken in or not yet -> its status by now, and what another one would change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobs.run.decision_inbox import Decision

# The status that a decision makes of one; any other it leaves as it is (R22, R26).
_MAKES = {
    "approve": {"proposed": "approved", "rejected": "approved", "failed": "approved"},
    "reject": {"proposed": "rejected", "approved": "rejected", "failed": "rejected"},
    "waive": {"open": "waived"},
    "revoke": {"approved": "proposed", "rejected": "proposed", "waived": "open"},
}
# The statuses that filters choose for a decision: none that others have decided otherwise.
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
class LoggedDecision:
    """One decision; `taken_in`: a run has read it."""

    decision: Decision
    taken_in: bool


@dataclass(frozen=True)
class DecisionLog:
    """All decisions on a dataset, by subject, oldest first."""

    by_subject: Mapping[str, list[LoggedDecision]]

    def of(self, subject: str) -> list[LoggedDecision]:
        """All decisions on a subject, oldest first."""
        return self.by_subject.get(subject, [])

    def last(self, subject: str) -> LoggedDecision | None:
        """The decision that counts."""
        return next(reversed(self.of(subject)), None)

    def waiting(self, subject: str) -> Decision | None:
        """The decision that counts, if the next run takes it in."""
        last = self.last(subject)
        return None if last is None or last.taken_in else last.decision

    def after(
        self, subjects: Iterable[str], now: datetime, stamps: Iterable[datetime | None] = ()
    ) -> datetime:
        """An instant that is not before now, and later than every decision on the subjects and every stamp.

        Clocks of two machines differ, and a fixed one stands still: the last decision has to count.
        """
        decided_at = [logged.decision.decided_at for subject in subjects if (logged := self.last(subject))]
        instants = [*decided_at, *(at for at in stamps if at is not None)]
        return max([now, *(at + timedelta(microseconds=1) for at in instants)])


def decision_log_of(taken_in: Iterable[Decision], waiting: Iterable[Decision]) -> DecisionLog:
    """Order the decisions of the table and those of the inbox that it lacks."""
    logged_decisions = [
        *(LoggedDecision(decision, True) for decision in taken_in),
        *(LoggedDecision(decision, False) for decision in waiting),
    ]
    by_subject: dict[str, list[LoggedDecision]] = {}
    for logged in sorted(logged_decisions, key=lambda logged: logged.decision.order):
        by_subject.setdefault(logged.decision.subject_id, []).append(logged)
    return DecisionLog(by_subject)


def by_now(status: str, waiting: Decision | None) -> str:
    """The status that the newest decision makes, once a run has taken it in, if nothing else changes."""
    return status if waiting is None else _MAKES[waiting.decision].get(status, status)


def does_nothing(decision: str, status: str, waiting: Decision | None) -> str | None:
    """Why one more decision would change nothing; None where it does.

    `status` is the table's, `waiting` the newest decision that no run has taken in: the new one takes its
    place.
    """
    now, then = by_now(status, waiting), _MAKES[decision].get(status, status)
    # Of a waiver that stands, another changes the end or the reason.
    if then != now or (decision == "waive" and now == "waived"):
        return None
    return _WHY_NOT.get(now, f"is {now} already")


def is_chosen(decision: str, status: str, waiting: Decision | None) -> bool:
    """Whether a filter that fits chooses it for the decision."""
    now = by_now(status, waiting)
    return now in _CHOSEN[decision] and does_nothing(decision, status, waiting) is None
