"""The first records of a leg -> what its dialect and mapping make of each, as the stages would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import unique
from jobs.dedupe.events import ignored
from jobs.dedupe.identity import with_ordinals
from jobs.dedupe.mapping import Mapped, map_records
from jobs.ingest.judging import judged
from jobs.ingest.packed import VanishedError
from jobs.ingest.source_files import SourceFiles
from jobs.ingest.unread import Readable, UnreadError, reading_to_the_end
from jobs.masking.columns import Masking
from jobs.masking.expressions import masked_row
from jobs.preview.files import Choice, first_records
from jobs.settings import Dataset, Project, Source
from jobs.settings.dataset import LegName
from jobs.spark.cache import CacheScope
from jobs.spark.columns import iso, key_json
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version

CHANGES = 5000
Result = TypeVar("Result")


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


@dataclass(frozen=True)
class Faults:
    """Why files of a leg show no record, as far as that showed when they were read."""

    files: SourceFiles
    known: Mapping[Version, str]

    def of(self, file: ObjectInfo) -> str:
        """Why a file shows none."""
        try:
            return self.known.get(file.version) or self.files.fault_of(file) or "it holds no record"
        except VanishedError:
            return "it was removed before it was read"


def sources_of(
    project: Project, dataset: Dataset, spark: SparkSession, objects: Objects
) -> dict[LegName, SourceFiles]:
    """The source of each leg, to be read."""
    return {leg: SourceFiles(spark, objects, project.source_of(dataset, leg)) for leg in dataset.legs}


def read_to_the_end(
    dataset: Dataset,
    legs: Mapping[LegName, SourceFiles],
    choices: Mapping[LegName, Choice],
    caches: CacheScope,
    use: Callable[[Mapping[LegName, Read]], Result],
) -> tuple[Result, Mapping[Version, str]]:
    """What comes of the first records of each leg that has any, and why some files have none.

    `use` computes all that it is given; it is called again without a file that cannot be read.
    """
    readable = {leg: Readable(choice.files) for leg, choice in choices.items() if choice.files}
    while True:
        try:
            with reading_to_the_end():
                firsts = {leg: first_records(legs[leg], files) for leg, files in readable.items()}
                reads = {
                    leg: read(dataset, legs[leg].source, leg, first.rows, caches)
                    for leg, first in firsts.items()
                }
                faults = [first.refused for first in firsts.values()]
                faults += [files.refused for files in readable.values()]
                return use(reads), {version: why for each in faults for version, why in each.items()}
        except UnreadError as error:
            leg = next((leg for leg, files in readable.items() if _is_of(error, legs[leg], files)), None)
            if leg is None:  # another reader's file, of the store
                raise error.__cause__ or error from None
            readable[leg] = legs[leg].after(readable[leg], error)


def _is_of(error: UnreadError, leg: SourceFiles, readable: Readable) -> bool:
    """Whether it was a file of the leg; one that Spark does not name is of Parquet."""
    if error.path is None:
        return leg.source.format == "parquet"
    return error.path in {file.path for file in readable.files}


def read(dataset: Dataset, source: Source, leg: str, records: DataFrame, caches: CacheScope) -> Read:
    """Parse and map records by the functions that ingest and dedupe use."""
    dialect = dialects.of(source)
    parsed = dialect.parsed(judged(records, source))
    # A record that cannot be parsed has no name of its own, whatever its first characters are.
    parsed = parsed.withColumn("type", F.when(F.col("sound"), F.col("type")))
    aside = ignored(dataset.events) if leg == "events" and dataset.events is not None else F.lit(False)
    parsed = caches.keep(parsed.withColumn("ignored", F.coalesce(aside, F.lit(False))))
    # As ingest stores them: rejected records are not mapped.
    accepted = parsed.where(F.size("reasons") == 0).select(
        "file", "etag", "row_number", "record", "header", "kind", "modified_at", "batch"
    )
    return Read(parsed, map_records(dataset, source, leg, accepted, caches))
