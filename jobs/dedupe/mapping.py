"""Records of one leg -> the changes they make with their identities, the refused ones apart, all counted."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import presence
from jobs.dedupe.changes import map_changes
from jobs.dedupe.events import ignored, map_events, map_rejected_events
from jobs.dedupe.generations import Load, loads_of
from jobs.dedupe.identity import effect, identify_changes, identify_events
from jobs.dedupe.rejected import DELIVERY, keys_named
from jobs.dedupe.values import Reader
from jobs.fold import DatasetSchema
from jobs.settings import Dataset, Source
from jobs.settings.mapped_paths import MappedPath, mapped_paths
from jobs.spark.cache import CacheScope
from jobs.spark.columns import key_json
from jobs.spark.generations import FIRST


@dataclass(frozen=True)
class Mapped:
    """`parsed`: the accepted records, `_ignored` marked; `made`: the changes they make, `refused` marked.

    `paths`: the bare paths that the mapping reads values from. `loads`: those by which rows of a change log
    are placed. `unnamed`: changes that records of types which `apply` does not name might have made, where
    such are rejected; None where there can be none.
    """

    parsed: DataFrame
    made: DataFrame
    shape: DatasetSchema
    paths: tuple[MappedPath, ...] = ()
    loads: tuple[Load, ...] = ()
    unnamed: DataFrame | None = None

    @property
    def sound(self) -> DataFrame:
        """The changes of records that nothing speaks against."""
        return self.made.where("NOT refused").drop("refused", "reasons", "names_key")

    def rejects(self) -> DataFrame:
        """Return one row a refused record, with all reasons, its key and position where they can be read."""
        readable = F.when(F.col("names_key"), key_json(self.shape.key, self.shape.columns))
        named = self.made.where("refused").withColumn("key", readable)
        return named.groupBy(*DELIVERY).agg(
            F.first("record").alias("record"),
            F.min("key").alias("key"),
            F.array_distinct(F.flatten(F.sort_array(F.collect_list("reasons")))).alias("reasons"),
            F.min("identity").alias("identity"),
            F.max("position").alias("position"),
            F.min("occurred_at").alias("occurred_at"),
            F.min("batch").alias("batch"),
        )

    def rejected_keys(self) -> DataFrame:
        """Return every key that a refused record names (`keys_named`); one record may name several."""
        refused = self.made.where("refused")
        if self.unnamed is not None:
            refused = refused.unionByName(self.unnamed, allowMissingColumns=True)
        return keys_named(refused, self.shape)

    def counts(self, first: bool = False) -> dict[str, int]:
        """Count records: accepted (by the source) = mapped + ignored + rejected.

        And name what is mapped and no record had (`presence.absent`); `first`: the leg has no changes yet.
        """
        read = self.parsed.agg(
            F.count(F.lit(1)).alias("accepted"), F.count_if("_ignored").alias("ignored")
        ).first()
        refused = F.count_distinct(F.when(F.col("refused"), F.struct(*DELIVERY)))
        asked = {"rejected": refused, **presence.aggregates(self.paths)}
        row = self.made.agg(*(column.alias(name) for name, column in asked.items())).first()
        assert read is not None and row is not None
        found = row.asDict()
        accepted, ignored_, rejected = read["accepted"], read["ignored"], found["rejected"]
        return {
            "accepted": accepted, "ignored": ignored_, "rejected": rejected,
            "mapped": accepted - ignored_ - rejected, **presence.absent(self.paths, found, first),
        }  # fmt: skip


def map_records(
    dataset: Dataset,
    source: Source,
    leg: str,
    records: DataFrame,
    caches: CacheScope,
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
    parsed, unnamed = dialect.parsed(records), None
    if leg == "events":
        assert dataset.events is not None
        marked = caches.keep(parsed.withColumn("_ignored", ignored(parsed, dataset.events)))
        ours = marked.where("NOT _ignored")
        made = map_events(ours, dataset.events, shape, covered, reader)
        if dataset.events.other_types == "reject":
            stray = ours.where(~F.col("type").isin(*dataset.events.apply))
            meant = map_rejected_events(stray, dataset.events, shape, covered, reader)
            nothing = F.array().cast("array<string>")
            unnamed = identify_events(hashed(meant)).withColumn("reasons", nothing)
        identified = identify_events(hashed(made))
    else:
        assert dataset.changes is not None
        marked = caches.keep(_in_force(parsed))
        counted = marked.where("NOT _ignored")
        if loads is None:
            loads = loads_of(counted.where("kind = 'load'"), files)
        made = map_changes(counted, dataset.changes, shape, covered, reader, loads)
        identified = identify_changes(hashed(made), shape)
    delivery = Window.partitionBy(*DELIVERY)
    refused = F.max(F.size("reasons")).over(delivery) > 0
    told = identified.withColumns({"effect": effect(shape), "refused": refused})
    paths = mapped_paths(dataset, "events" if leg == "events" else "changes")
    values = tuple(path for path in paths if path.column in shape.values)
    return Mapped(marked, caches.keep(told), shape, values, loads or (), unnamed)


def _in_force(parsed: DataFrame) -> DataFrame:
    """Add `_ignored`: the record is of a reload that is not in force yet."""
    # Records that are only previewed say nothing of their files: they are of one load.
    missing = {"generation": F.lit(FIRST), "in_force": F.lit(True)}
    known = parsed.withColumns({name: it for name, it in missing.items() if name not in parsed.columns})
    return known.withColumn("_ignored", ~F.col("in_force"))


def hashed(made: DataFrame) -> DataFrame:
    """Digest the contents: they are only ever compared, and a digest compares like its text."""
    return made.withColumn("content", F.sha2("content", 256))
