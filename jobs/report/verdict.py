"""Verdict: a run's counts -> one sentence that says whether the store ties out, and how far it does not."""

from jobs.console.format import counted, number
from jobs.report.counts import Standing
from jobs.report.model import Outcome
from jobs.run.counts import KeyCounts


def outcome_of(total: KeyCounts, standing: Standing, failure: str | None = None) -> Outcome:
    """The outcome of the run: what is open weighs more than what is waived, in flight or not judged."""
    if failure is not None:
        return "stopped"
    if total.keys_seen == total.out_of_scope:
        return "empty"
    if standing.open:
        return "disagrees"
    return "unproven" if total.discrepant or total.pending or total.unjudged else "agrees"


def sentence(
    dataset: str, total: KeyCounts, standing: Standing, failed: int = 0, failure: str | None = None
) -> str:
    """The verdict in a sentence, the one that terminal, outcome and page share.

    Args:
        dataset: its name.
        total: keys by class.
        standing: where the discrepant ones stand.
        failed: checks of the tables that failed; they are a sentence of their own.
        failure: why a gate stopped the run, in a sentence; None where none did.
    """
    outcome = outcome_of(total, standing, failure)
    if outcome == "stopped":
        return f"{dataset} was not judged, and nothing was moved. {failure}"
    verdict = {"agrees": _agrees, "empty": _empty}.get(outcome)
    text = verdict(dataset, total) if verdict else _unsettled(dataset, total, standing)
    return f"{text} {counted(failed, 'check')} of the tables failed." if failed else text


def _agrees(dataset: str, total: KeyCounts) -> str:
    beside = f", {number(total.out_of_scope)} out of scope left aside" if total.out_of_scope else ""
    if total.matched == 1:
        return f"{dataset} ties out: the one key judged agrees{beside}."
    return f"{dataset} ties out: all {counted(total.matched, 'key')} agree{beside}."


def _empty(dataset: str, total: KeyCounts) -> str:
    if total.keys_seen:
        return f"{dataset} has {counted(total.keys_seen, 'key')}, all out of scope: nothing was judged."
    return f"{dataset} has no keys on any leg: nothing was compared."


def _unsettled(dataset: str, total: KeyCounts, standing: Standing) -> str:
    counts = {
        "open": standing.open,
        "waived": standing.waived,
        "in the change log alone": standing.capture,
        "not judged": total.unjudged,
        "pending": total.pending,
    }
    parts = ", ".join(f"{number(count)} {name}" for name, count in counts.items() if count)
    begin = "does not tie out" if standing.open else "has nothing open"
    return f"{dataset} {begin}: {parts}, of {counted(total.keys_seen, 'key')}."
