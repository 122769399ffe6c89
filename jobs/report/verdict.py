"""Verdict: a run's counts -> one sentence that says whether the store ties out, and how far it does not."""

from collections.abc import Sequence

from jobs.report.counts import FAULTS, FaultCount, LegCounts
from jobs.report.summary import Outcome
from jobs.report.wording import counted, number, share

KIND_MEANS = {
    "missing": "truth holds the key, the store does not",
    "undeleted": "truth deleted the key, the store still holds it",
    "unexpected": "the store holds a key that truth never held",
    "duplicated": "the store holds the key more than once",
    "stale": "the store holds what truth said earlier",
    "mismatch": "the store holds other values",
}
FAULT_MEANS = {
    "store": "events and change log agree: the store differs from its own log",
    "processor": "change log and store agree: the log shows what the events do not say",
    "capture": "events and store agree: the change log is wrong, there is nothing to repair in the store",
    "several": "no two legs agree",
    "unattributed": "only two legs know it, so none can be named",
}
STATUS_MEANS = {
    "pending": "in flight: disagreeing now, with a good reason to wait",
    "unjudged": "the evidence is incomplete, so nothing is said of them",
}


def outcome_of(total: LegCounts) -> Outcome:
    """The run in a word: what disagrees weighs more than what could not be judged."""
    if total.keys_seen == total.out_of_scope:
        return "empty"
    if total.discrepant:
        return "disagrees"
    return "unproven" if total.pending or total.unjudged else "agrees"


def sentence(dataset: str, total: LegCounts, faults: Sequence[FaultCount], failed: int = 0) -> str:
    """The verdict in a sentence; failed checks are a sentence of their own."""
    said = _sentences[outcome_of(total)](dataset, total, faults)
    if failed:
        said += f" {counted(failed, 'check')} of the tables failed."
    return said


def _agrees(dataset: str, total: LegCounts, _: Sequence[FaultCount]) -> str:
    beside = f", {number(total.out_of_scope)} out of scope left aside" if total.out_of_scope else ""
    if total.matched == 1:
        return f"{dataset} ties out: the one key judged agrees{beside}."
    return f"{dataset} ties out: all {counted(total.matched, 'key')} agree{beside}."


def _disagrees(dataset: str, total: LegCounts, faults: Sequence[FaultCount]) -> str:
    keys = f"{number(total.discrepant)} of {counted(total.keys_seen, 'key')} "
    verb = "disagrees" if total.discrepant == 1 else "disagree"
    said = f"{dataset} does not tie out: {keys}{verb} ({share(total.discrepant, total.keys_seen)})"
    said += f"{_by_fault(faults)}."
    waived = sum(count.waived for count in faults)
    if waived:
        said += f" {number(waived)} of them {'is' if waived == 1 else 'are'} waived."
    waiting = _waiting(total)
    return f"{said} Beside them {waiting}." if waiting else said


def _unproven(dataset: str, total: LegCounts, _: Sequence[FaultCount]) -> str:
    return (
        f"{dataset} shows no disagreement, but not every key is settled: "
        f"{number(total.matched)} of {counted(total.keys_seen, 'key')} agree, {_waiting(total)}."
    )


def _empty(dataset: str, total: LegCounts, _: Sequence[FaultCount]) -> str:
    if total.keys_seen:
        return f"{dataset} has {counted(total.keys_seen, 'key')}, all out of scope: nothing was judged."
    return f"{dataset} has no keys on any leg: nothing was compared."


def _by_fault(faults: Sequence[FaultCount]) -> str:
    keys = {fault: sum(c.keys for c in faults if c.fault == fault) for fault in FAULTS}
    told = [f"{fault} {number(count)}" for fault, count in keys.items() if count]
    return f"; faults: {', '.join(told)}" if told else ""


def _waiting(total: LegCounts) -> str:
    told = []
    if total.pending:
        told.append(f"{number(total.pending)} {'is' if total.pending == 1 else 'are'} pending")
    if total.unjudged:
        told.append(f"{number(total.unjudged)} could not be judged")
    return " and ".join(told)


_sentences = {"agrees": _agrees, "disagrees": _disagrees, "unproven": _unproven, "empty": _empty}
