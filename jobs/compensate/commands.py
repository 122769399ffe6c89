"""`tieout publish|apply DATASET` -> what was sent or applied, on stdout."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from jobs.cli import shown
from jobs.settings import load

_TOLD = ("applied", "refused", "failed", "repeated")


def publish_command(
    dataset: str, config: str, env: str | None, dry_run: bool, as_json: bool, quiet: bool
) -> int:
    """Send what is approved to the dataset's channel."""
    from jobs.compensate.publish import publish

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


def apply_command(
    dataset: str,
    config: str,
    env: str | None,
    source: str | None,
    to: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Apply what was delivered to the dataset's store."""
    from jobs.compensate.applying import apply

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
