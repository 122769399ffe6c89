"""The first records of a leg -> what its dialect and mapping make of each, as the stages would."""

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import unique
from jobs.dedupe.events import ignored
from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.mapping import Mapped, map_records
from jobs.ingest.judging import judged
from jobs.masking.columns import Masking
from jobs.masking.expressions import masked_row
from jobs.preview.files import Choice, first_records
from jobs.settings import Dataset, Project, Source
from jobs.settings.dataset import LegName
from jobs.spark.cache import CacheScope
from jobs.spark.columns import iso, key_json
from jobs.storage.objects import Objects

CHANGES = 5000


@dataclass(frozen=True)
class Read:
    """What was read of one leg; frames are lazy."""

    parsed: DataFrame
    mapped: Mapped

    def records(self) -> DataFrame:
        """Every record looked at: its place, its own name, whether it is ignored or rejected."""
        return self.parsed.select(
            "file", "row_number", "type", "cdc_op", "kind", "reasons", "ignored",
            iso("occurred_at").alias("occurred_at"),
        )  # fmt: skip

    def changes(self, masking: Masking) -> DataFrame:
        """Every change that the records make, rejected ones with their reasons."""
        shape = self.mapped.shape
        made = self.mapped.made.orderBy("file", "row_number", "entry", "item_at").limit(CHANGES)
        adds = masked_row(list(shape.sums), shape, masking, "adds.") if shape.sums else F.lit("{}")
        return made.select(
            "file", "row_number", "entry", "item_at", "op", "kind", "said", "reverts", "creates",
            "stated_position", "refused", "reasons", key_json(shape.key, shape.columns).alias("key"),
            masked_row(shape.values, shape, masking, "values.").alias("sets"), adds.alias("adds"),
        )  # fmt: skip

    def canonical(self) -> DataFrame:
        """The changes, each once, in the form that the fold takes."""
        made, mapped = self.mapped.sound, self.mapped
        numbered = made if mapped.leg == "events" else with_ordinals(made, mapped.shape)
        new = mapped.dialect.with_content(numbered).withColumn("age", F.lit(unique.NEW))
        return unique.classify(new).where("class = 'unique'")


def read_legs(
    project: Project,
    dataset: Dataset,
    choices: Mapping[LegName, Choice],
    spark: SparkSession,
    objects: Objects,
    caches: CacheScope,
) -> dict[LegName, Read]:
    """Read the first records of the files chosen, of each leg that has any."""
    sources = {leg: project.source_of(dataset, leg) for leg, choice in choices.items() if choice.files}
    return {
        leg: read(dataset, source, leg, first_records(spark, objects, source, choices[leg].files), caches)
        for leg, source in sources.items()
    }


def read(dataset: Dataset, source: Source, leg: str, records: DataFrame, caches: CacheScope) -> Read:
    """Parse and map records by the functions that ingest and dedupe use."""
    dialect = dialects.of(source)
    parsed = dialect.parsed(judged(records, source))
    # A record that cannot be parsed has no name of its own, whatever its first characters are.
    parsed = parsed.withColumn("type", F.when(F.col("sound"), F.col("type")))
    aside = (
        ignored(parsed, dataset.events) if leg == "events" and dataset.events is not None else F.lit(False)
    )
    parsed = caches.keep(parsed.withColumn("ignored", F.coalesce(aside, F.lit(False))))
    # As ingest stores them: rejected records are not mapped.
    accepted = parsed.where(F.size("reasons") == 0).select(
        "file", "etag", "row_number", "record", "header", "kind", "modified_at", "batch"
    )
    return Read(parsed, map_records(dataset, source, leg, accepted, caches))
