"""`tieout publish|apply DATASET` -> what was sent or applied, on stdout."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from jobs.asked import Config, DryRun, Env, Json, Name, Quiet
from jobs.terminal import shown

_TOLD = ("applied", "refused", "failed", "repeated")


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
    with shown(quiet) as progress:
        progress(f"{dataset}: looking at what would be sent" if dry_run else f"{dataset}: sending")
        done = publish(project, dataset, dry_run)
    if dry_run:
        return _previewed(dataset, done.messages, as_json, "sent")
    if as_json:
        return _object({"dataset": dataset, "sent": done.sent, "failed": done.failed})
    sys.stdout.write(f"{dataset}: {done.sent} sent, {done.failed} failed.\n")
    if done.failed:
        sys.stdout.write(f"`tieout compensations list {dataset} --status failed` says why.\n")
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
    from jobs.compensate.consumer.applying import apply
    from jobs.settings import load

    project = load(config, env)
    with shown(quiet) as progress:
        progress(f"{dataset}: looking at what would be applied" if dry_run else f"{dataset}: applying")
        done = apply(project, dataset, source, to, dry_run)
    if dry_run:
        return _previewed(dataset, done.messages, as_json, "applied")
    counts = {name: done.counts.get(name, 0) for name in _TOLD}
    if as_json:
        return _object({"dataset": dataset, **counts, "unknown": done.unknown})
    sys.stdout.write(f"{dataset}: {', '.join(f'{n} {name}' for name, n in counts.items())}.\n")
    if counts["refused"] or counts["failed"]:
        sys.stdout.write(f"`tieout compensations list {dataset}` says why; the next run looks again.\n")
    if done.unknown:
        sys.stdout.write(f"No compensations of {dataset}, so kept in its `rejects`: {done.unknown}.\n")
    return 0


def _previewed(dataset: str, messages: Sequence[Mapping[str, Any]], as_json: bool, done: str) -> int:
    if as_json:
        return _object({"dataset": dataset, "dry_run": True, "messages": list(messages)})
    for message in messages:
        sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.write(f"{dataset}: {len(messages)} would be {done}; nothing was.\n")
    return 0


def _object(said: Mapping[str, Any]) -> int:
    sys.stdout.write(json.dumps(said) + "\n")
    return 0
