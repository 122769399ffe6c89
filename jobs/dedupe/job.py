"""Dedupe: new records of the dataset's sources -> canonical changes, conflicts, what was rejected."""

from dataclasses import replace
from functools import reduce

from pyspark.sql import DataFrame

from jobs.dedupe import fields
from jobs.dedupe.classified import classified, new_changes
from jobs.dedupe.conflict_changes import conflicts_of
from jobs.dedupe.inputs import LegInputs, read, read_existing
from jobs.dedupe.judged_again import refused_again
from jobs.dedupe.mapping import Mapped, map_records
from jobs.dedupe.rejected_records import map_rejected
from jobs.dedupe.writer import Deduped, accept_mapping, write
from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.run.counts import DedupeCounts, RecordCounts
from jobs.spark.cache import CacheScope
from jobs.spark.plans import planned_for

STAGE = "dedupe"
_BESIDE = (tables.CONFLICTS, tables.REJECTS, tables.REJECTED_KEYS)


def execute(context: RunContext) -> StageResult:
    """Bring the canonical changes of every leg up to the batches of the run's frozen input."""
    by_leg = {leg: counts for leg in context.dataset.legs if (counts := dedupe(context, leg)) is not None}
    return StageResult(
        STAGE,
        rows_in=sum(counts.accepted for counts in by_leg.values()),
        rows_out=sum(counts.unique for counts in by_leg.values()),
        rows_rejected=sum(counts.rejected for counts in by_leg.values()),
        wrote=(*(tables.CANONICAL[leg] for leg in by_leg), *_BESIDE) if by_leg else (),
        counts=DedupeCounts(by_leg),
    )


def dedupe(context: RunContext, leg: str) -> RecordCounts | None:
    """Bring a leg's canonical changes up to the frozen batches; return its counts, None of nothing new."""
    if context.options.accept_from_now:
        accept_mapping(context, leg)
    inputs = read(context, leg)
    if inputs is None:
        return None
    with planned_for(context.spark, inputs.new_records), CacheScope() as caches:
        mapped = _mapped(inputs, caches)
        counts = _counts(inputs, mapped)
        keys = _rejected_keys(inputs, mapped, counts)
        new = new_changes(inputs, mapped, counts.made, caches)
        existing = read_existing(context, inputs) if new.names else None
        changes = classified(inputs, new, existing, caches)
        conflicts = conflicts_of(inputs, new, changes, existing)
        write(context, inputs, Deduped(mapped, bool(counts.rejected), keys, changes, conflicts))
    return replace(
        counts,
        unique=counts.made - changes.duplicate - changes.contradicted,
        duplicate=changes.duplicate,
        contradicted=changes.contradicted,
    )


def _mapped(inputs: LegInputs, caches: CacheScope) -> Mapped:
    accepted, loads = inputs.records.where("accepted"), inputs.span.loads
    about = (inputs.dataset, inputs.source, inputs.leg)
    return map_records(*about, accepted, caches, loads, inputs.files, inputs.has_load_rows)


def _counts(inputs: LegInputs, mapped: Mapped) -> RecordCounts:
    """Count the records, and what is unknown and absent in them; the changes are not told apart yet."""
    counts = mapped.counts(first=inputs.span.done == 0)
    if inputs.headers:
        counts = replace(counts, unknown=fields.of_headers(inputs.dataset, inputs.source, inputs.headers))
    return (
        replace(counts, refused_again=refused_again(mapped, inputs.records)) if inputs.has_again else counts
    )


def _rejected_keys(inputs: LegInputs, mapped: Mapped, counts: RecordCounts) -> DataFrame | None:
    """The keys that rejected records name, of the mapping and of the source; None where none is rejected."""
    frames = [mapped.rejected_keys()] if counts.rejected else []
    # The records of the source are looked at again only where it rejected some.
    if inputs.has_rejected:
        about, refused = (inputs.dataset, inputs.source, inputs.leg), inputs.records.where("NOT accepted")
        frames.append(map_rejected(*about, refused, mapped.loads, inputs.files))
    return reduce(DataFrame.unionByName, frames) if frames else None


if __name__ == "__main__":
    # Loaded late: the command line imports every stage.
    from jobs.commands.entry import main_stage

    main_stage(STAGE)
