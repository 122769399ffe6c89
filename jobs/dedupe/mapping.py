"""Records of one leg -> the changes they make with their identities, the refused ones apart, all counted."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import presence
from jobs.dedupe.changes import map_changes
from jobs.dedupe.events import ignored, map_events
from jobs.dedupe.generations import Load, loads_of
from jobs.dedupe.identity import effect, identify_changes, identify_events
from jobs.dedupe.values import Reader
from jobs.fold import DatasetSchema
from jobs.settings import Dataset, Source
from jobs.settings.mapped_paths import MappedPath, mapped_paths
from jobs.spark.cache import Scratch
from jobs.spark.columns import key_json
from jobs.spark.generations import FIRST

_DELIVERY = ("file", "etag", "row_number")


@dataclass(frozen=True)
class Mapped:
    """`parsed`: the accepted records, `_ignored` marked; `made`: the changes they make, `refused` marked.

    `paths`: the bare paths that the mapping reads values from. `loads`: those by which rows of a change log
    are placed.
    """

    parsed: DataFrame
    made: DataFrame
    shape: DatasetSchema
    paths: tuple[MappedPath, ...] = ()
    loads: tuple[Load, ...] = ()

    @property
    def sound(self) -> DataFrame:
        """The changes of records that nothing speaks against."""
        return self.made.where("NOT refused").drop("refused", "reasons")

    def rejects(self) -> DataFrame:
        """Return one row a refused record, with all reasons, its key and position where they can be read."""
        readable = F.when(self._key_is_whole(), key_json(self.shape.key, self.shape.columns))
        named = self.made.where("refused").withColumn("key", readable)
        return named.groupBy(*_DELIVERY).agg(
            F.first("record").alias("record"),
            F.min("key").alias("key"),
            F.array_distinct(F.flatten(F.sort_array(F.collect_list("reasons")))).alias("reasons"),
            F.min("identity").alias("identity"),
            F.max("position").alias("position"),
            F.min("occurred_at").alias("occurred_at"),
            F.min("batch").alias("batch"),
        )

    def counts(self, first: bool = False) -> dict[str, int]:
        """Count records: accepted (by the source) = mapped + ignored + rejected.

        And name what is mapped and no record had (`presence.absent`); `first`: the leg has no changes yet.
        """
        read = self.parsed.agg(
            F.count(F.lit(1)).alias("accepted"), F.count_if("_ignored").alias("ignored")
        ).first()
        refused = F.count_distinct(F.when(F.col("refused"), F.struct(*_DELIVERY)))
        asked = {"rejected": refused, **presence.aggregates(self.paths)}
        row = self.made.agg(*(column.alias(name) for name, column in asked.items())).first()
        assert read is not None and row is not None
        found = row.asDict()
        accepted, ignored_, rejected = read["accepted"], read["ignored"], found["rejected"]
        return {
            "accepted": accepted, "ignored": ignored_, "rejected": rejected,
            "mapped": accepted - ignored_ - rejected, **presence.absent(self.paths, found, first),
        }  # fmt: skip

    def _key_is_whole(self) -> Column:
        found = [F.col(f"`{c}`").isNotNull() for c in self.shape.key]
        whole = found[0]
        for part in found[1:]:
            whole = whole & part
        return whole


def map_records(
    dataset: Dataset,
    source: Source,
    leg: str,
    records: DataFrame,
    scratch: Scratch,
    loads: tuple[Load, ...] | None = None,
    files: DataFrame | None = None,
) -> Mapped:
    """Parse and map the records of a leg.

    Of a change log, `loads` are those in force, where the records are not all there are; else they are found
    in the records and the source's `files`. Records may have the `generation` of their file, and whether it
    is `in_force`: what is not in force yet is ignored.
    """
    shape, dialect = DatasetSchema.of(dataset), dialects.of(source)
    reader = Reader.of(dialect, source)
    covered = dataset.covered("events" if leg == "events" else "changes")
    parsed = dialect.parsed(records)
    if leg == "events":
        assert dataset.events is not None
        marked = scratch.keep(parsed.withColumn("_ignored", ignored(parsed, dataset.events)))
        made = map_events(marked.where("NOT _ignored"), dataset.events, shape, covered, reader)
        identified = identify_events(_hashed(made))
    else:
        assert dataset.changes is not None
        marked = scratch.keep(_in_force(parsed))
        counted = marked.where("NOT _ignored")
        if loads is None:
            loads = loads_of(counted.where("kind = 'load'"), files)
        made = map_changes(counted, dataset.changes, shape, covered, reader, loads)
        identified = identify_changes(_hashed(made), shape)
    delivery = Window.partitionBy(*_DELIVERY)
    refused = F.max(F.size("reasons")).over(delivery) > 0
    told = identified.withColumns({"effect": effect(shape), "refused": refused})
    paths = mapped_paths(dataset, "events" if leg == "events" else "changes")
    values = tuple(path for path in paths if path.column in shape.values)
    return Mapped(marked, scratch.keep(told), shape, values, loads or ())


def _in_force(parsed: DataFrame) -> DataFrame:
    """Add `_ignored`: the record is of a reload that is not in force yet."""
    # Records that are only previewed say nothing of their files: they are of one load.
    missing = {"generation": F.lit(FIRST), "in_force": F.lit(True)}
    known = parsed.withColumns({name: it for name, it in missing.items() if name not in parsed.columns})
    return known.withColumn("_ignored", ~F.col("in_force"))


def _hashed(made: DataFrame) -> DataFrame:
    # Contents are only ever compared, and a digest compares like the text it stands for.
    return made.withColumn("content", F.sha2("content", 256))
