"""A dataset's settings -> what each leg can say (LegFacts)."""

from jobs.lake.schema import LegFacts
from jobs.settings import Dataset


def leg_facts(dataset: Dataset, leg: str) -> LegFacts:
    """Read the facts of a leg off its mapping."""
    return _events(dataset) if leg == "events" else _changes(dataset)


def _events(dataset: Dataset) -> LegFacts:
    assert dataset.events is not None
    entries = [entry for _, _, entry in dataset.events.entries]
    added = {c for entry in entries for c in entry.add}
    defaults = {c: str(spec.default) for c, spec in dataset.columns.items() if spec.default is not None}
    return LegFacts(
        covered=tuple(dataset.covered("events")),
        births=any(entry.creates for entry in entries),
        doubts=dataset.events.since is not None,
        adds=tuple(c for c in dataset.columns if c in added),
        reverts=any(entry.revert is not None for entry in entries),
        defaults=defaults,
    )


def _changes(dataset: Dataset) -> LegFacts:
    assert dataset.changes is not None
    return LegFacts(
        covered=tuple(dataset.covered("changes")),
        births=True,
        doubts=True,
        patches=True,
        partial_creates=True,
        leaves=dataset.changes.where is not None,
    )
