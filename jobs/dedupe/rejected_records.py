"""Records that the source of a leg rejects -> the keys of the dataset that they name (R7)."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe.change_rows import DELIVERY
from jobs.dedupe.changes import map_changes
from jobs.dedupe.events import map_rejected_events
from jobs.dedupe.generations import Load, in_latest_generation
from jobs.dedupe.identity import identify_events, with_ordinals
from jobs.dedupe.rejected import keys_named
from jobs.dedupe.values import Reader
from jobs.dialects.reasons import FROM_THE_FUTURE
from jobs.fold import DatasetSchema
from jobs.settings import Dataset, Source


def map_rejected(
    dataset: Dataset,
    source: Source,
    leg: str,
    records: DataFrame,
    loads: tuple[Load, ...],
    files: DataFrame,
) -> DataFrame:
    """Return every key that records name which the source rejects (`keys_named`).

    A record that cannot be taken apart (no JSON, fields too many or too few) names none, and neither does one
    of a type that the dataset ignores, nor one of a reload that is not in force yet.

    In: `records` with the source's `reasons` and, of their files, `generation` and `in_force`; of a change
    log the `loads` in force and the source's `files`.
    """
    shape, dialect = DatasetSchema.of(dataset), dialects.of(source)
    reader = Reader.of(dialect, source)
    counting = records.where("in_force")
    too_late = F.coalesce(F.col("reasons")[0].startswith(FROM_THE_FUTURE), F.lit(False))
    judged = dialect.judged(counting.withColumn("_too_late", too_late))
    parsed = dialect.parsed(judged.where("sound").drop("sound", "reasons"))
    # A stamp that was not believed places nothing in time: the key is in doubt at every instant.
    believed = F.when(~F.col("_too_late"), F.col("occurred_at"))
    parsed = parsed.withColumn("occurred_at", believed).drop("_too_late")
    if leg == "events":
        assert dataset.events is not None
        made = map_rejected_events(parsed, dataset.events, shape, reader)
        # Without an id no later record can be told to be the same.
        has_id = F.col("event_id").isNotNull() & F.col("origin").isNotNull()
        identified = identify_events(made).withColumn("identity", F.when(has_id, F.col("identity")))
    else:
        assert dataset.changes is not None
        of_table = parsed if source.table is None else parsed.where(F.col("type") == source.table)
        placed = in_latest_generation(of_table, files)
        key_alone = dataset.changes.model_copy(
            update={"select": {c: value for c, value in dataset.changes.select.items() if c in shape.key}}
        )
        made = map_changes(placed, key_alone, shape, shape.key, reader, loads, source.before_image_prefix)
        identified = with_ordinals(made, shape)
    reasons = counting.select(*DELIVERY, "reasons")
    return keys_named(identified.drop("reasons").join(reasons, list(DELIVERY)), shape)
