"""`tieout publish|apply DATASET` -> what was sent or applied, on stdout."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jobs.commands.options import Config, DryRun, Env, Json, Name, Quiet
from jobs.console.format import visible
from jobs.console.plain import print_json, print_line
from jobs.console.streams import progress_on_stderr
from jobs.errors import RepairsFailedError

if TYPE_CHECKING:
    from jobs.compensate.consumer.render import Failed, RenderedRepair

ID_LENGTH = 10  # characters of an id, as `compensations list` shows it
LISTED = 20
_COUNTED = ("applied", "refused", "failed", "repeated")


def publish(
    dataset: Name,
    config: Config = "conf",
    env: Env = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Send approved repairs to the dataset's channel. Starts no Spark."""
    from jobs.compensate.publishing.publish import publish
    from jobs.settings import load

    project = load(config, env)
    with progress_on_stderr(quiet) as progress:
        progress(f"{dataset}: looking at what would be sent" if dry_run else f"{dataset}: sending")
        done = publish(project, dataset, dry_run)
    if dry_run:
        return _previewed(dataset, done.messages, as_json)
    failures = [{"compensation_id": name, "error": why} for name, why in done.failures.items()]
    if as_json:
        _object({"dataset": dataset, "sent": done.sent, "failed": len(failures), "failures": failures})
    else:
        print_line(f"{dataset}: {done.sent} sent, {len(failures)} failed.")
        _print_lines([f"{each['compensation_id'][:ID_LENGTH]}  {each['error']}" for each in failures])
    if failures:
        raise RepairsFailedError(
            f"{_repairs(len(failures), 'was', 'were')} not sent, and sending the same again would not help: "
            f"`tieout compensations list {dataset} --status failed`, then approve again or reject."
        )
    return 0


def apply(
    dataset: Name,
    config: Config = "conf",
    env: Env = None,
    source: Annotated[
        str | None, typer.Option("--from", help="queue or table; unsaid: the queue if there is one.")
    ] = None,
    to: Annotated[str | None, typer.Option("--to", help="Channel (delta or jdbc) to write to.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> int:
    """The shipped consumer: repairs from queue or table to the store, each once. Starts no Spark."""
    from jobs.compensate.consumer.application import apply
    from jobs.settings import load

    project = load(config, env)
    with progress_on_stderr(quiet) as progress:
        progress(f"{dataset}: looking at what would be applied" if dry_run else f"{dataset}: applying")
        done = apply(project, dataset, source, to, dry_run)
    if dry_run:
        return _print_repairs(dataset, done.repairs, as_json)
    counts = {name: done.counts.get(name, 0) for name in _COUNTED}
    if as_json:
        failures = [asdict(each) for each in done.failures]
        _object({"dataset": dataset, **counts, "unknown": done.unknown, "failures": failures})
    else:
        print_line(f"{dataset}: {', '.join(f'{n} {name}' for name, n in counts.items())}.")
        _print_lines([_line(each) for each in done.failures])
        if counts["refused"]:
            why = f"`tieout compensations list {dataset} --status refused` says why"
            print_line(f"{why}; the next run looks again.")
        if done.unknown:
            print_line(f"No compensations of {dataset}, so kept in its `rejects`: {done.unknown}.")
    if done.failures:
        raise RepairsFailedError(_next_step(dataset, done.failures))
    return 0


def _next_step(dataset: str, failures: "Sequence[Failed]") -> str:
    """What a call in which attempts failed ends with: who tries again."""
    waiting = sum(each.status == "failed" for each in failures)
    retried = len(failures) - waiting
    steps = []
    if retried:
        verb = "is" if retried == 1 else "are"
        steps.append(f"{retried} {verb} tried again by the next `tieout apply {dataset}`")
    if waiting:
        verb = "waits" if waiting == 1 else "wait"
        steps.append(
            f"{waiting} {verb} for a person: `tieout compensations list {dataset} --status failed`, then "
            "approve again or reject"
        )
    return f"{_repairs(len(failures), 'was', 'were')} not applied; {', '.join(steps)}."


def _repairs(number: int, one: str, more: str) -> str:
    return f"1 repair {one}" if number == 1 else f"{number} repairs {more}"


def _print_lines(texts: Sequence[str]) -> None:
    """A line each, and how many are left out where there are many."""
    for text in texts[:LISTED]:
        print_line(f"  {visible(text)}")
    if len(texts) > LISTED:
        print_line(f"  … and {len(texts) - LISTED} more")


def _line(failed: "Failed") -> str:
    which = f"{failed.compensation_id[:ID_LENGTH]}  {_key(failed.key)}"
    return f"{which}  attempt {failed.attempt} of {failed.of}: {failed.error}"


def _key(key: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in key.items())


def _print_repairs(dataset: str, repairs: "Sequence[RenderedRepair]", as_json: bool) -> int:
    """Print what applying would do: a statement each, with the guard under which it is made."""
    if as_json:
        return _object({"dataset": dataset, "dry_run": True, "repairs": [asdict(each) for each in repairs]})
    for each in repairs:
        print_line(f"{each.compensation_id[:ID_LENGTH]}  {each.action}  {visible(_key(each.key))}")
        for line in each.statements:
            print_line(f"    {visible(line)}")
        if each.guard:
            print_line(f"    only if {visible(each.guard)}")
    print_line(f"{dataset}: {len(repairs)} would be applied; nothing was.")
    return 0


def _previewed(dataset: str, messages: Sequence[Mapping[str, Any]], as_json: bool) -> int:
    if as_json:
        return _object({"dataset": dataset, "dry_run": True, "messages": list(messages)})
    for message in messages:
        print_json(message)
    print_line(f"{dataset}: {len(messages)} would be sent; nothing was.")
    return 0


def _object(payload: Mapping[str, Any]) -> int:
    print_json(payload)
    return 0
