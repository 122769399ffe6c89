"""Records of one leg -> the changes they make with their identities, the refused ones apart, all counted."""

from dataclasses import dataclass

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F

from jobs import dialects
from jobs.dedupe import fields, presence
from jobs.dedupe.change_rows import DELIVERY, of_one
from jobs.dedupe.changes import map_changes
from jobs.dedupe.events import ignored, is_one_pass, map_events, map_rejected_events
from jobs.dedupe.fields import Known
from jobs.dedupe.generations import Load, loads_of
from jobs.dedupe.identity import identify_changes, identify_events, with_ordinals
from jobs.dedupe.rejected import keys_named
from jobs.dedupe.values import Reader
from jobs.dialects import Dialect
from jobs.fold import DatasetSchema
from jobs.run.counts import RecordCounts, UnknownFields
from jobs.settings import Dataset, Source
from jobs.settings.mapped_paths import MappedPath, mapped_paths
from jobs.spark.cache import CacheScope
from jobs.spark.columns import key_json
from jobs.spark.generations import FIRST


@dataclass(frozen=True)
class Mapped:
    """`made`: the changes that accepted records make, one row each, `refused` marked; kept.

    `whole`: the same before it was kept, by which alone what is observed on the way is found.
    `leg`, `shape`, `dialect`: what they are of. `paths`: the bare paths that the mapping reads values from.
    `loads`: those by which rows of a change log are placed. `unnamed`: changes that records of types which
    `apply` does not name might have made, where such are rejected; None where there can be none. `read` tells
    how many records were looked at, and how many of them are `ignored`, once `made` has been computed; and
    `shapes`, of which names the records of events consist, by which fields are told that are not `known`.
    """

    made: DataFrame
    whole: DataFrame
    leg: str
    shape: DatasetSchema
    dialect: Dialect
    read: Observation
    paths: tuple[MappedPath, ...] = ()
    loads: tuple[Load, ...] = ()
    unnamed: DataFrame | None = None
    known: Known | None = None
    shapes: Observation | None = None

    @property
    def sound(self) -> DataFrame:
        """The changes of records that nothing speaks against."""
        return self.made.where("NOT refused").drop("refused", "reasons", "names_key")

    @property
    def refused(self) -> DataFrame:
        """The changes of records that something speaks against."""
        refused = self.made.where("refused")
        return refused if self.leg == "events" else with_ordinals(refused, self.shape)

    def rejects(self) -> DataFrame:
        """Return one row a refused record, with all reasons, its key and position where they can be read."""
        readable = F.when(F.col("names_key"), key_json(self.shape.key, self.shape.columns))
        named = self.refused.withColumn("key", readable)
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
        refused = self.refused
        if self.unnamed is not None:
            refused = refused.unionByName(self.unnamed, allowMissingColumns=True)
        return keys_named(refused, self.shape)

    def counts(self, first: bool = False) -> RecordCounts:
        """Count records: accepted (by the source) = mapped + ignored + rejected; and the changes `made`.

        And name what is mapped and no record had (`presence.absent`; `first`: the leg has no changes yet),
        and what records have and nothing reads (`fields.counted`).
        """
        refused = F.count_if(F.col("refused") & (F.col("of_record") == 0))
        sound = F.count_if(~F.col("refused"))
        asked = {"rejected": refused, "made": sound, **presence.aggregates(self.paths)}
        row = self.whole.agg(*(column.alias(name) for name, column in asked.items())).first()
        assert row is not None
        figures, read = row.asDict(), self.read.get
        accepted, ignored_, rejected = read["accepted"], read["ignored"], figures["rejected"]
        return RecordCounts(
            accepted, ignored_, rejected, accepted - ignored_ - rejected, made=figures["made"],
            absent=presence.absent(self.paths, figures, first), unknown=self._unknown(),
        )  # fmt: skip

    def _unknown(self) -> UnknownFields:
        if self.known is None or self.shapes is None:
            return UnknownFields()
        return fields.of_observed(self.known, self.shapes.get["fields"])


def map_records(
    dataset: Dataset,
    source: Source,
    leg: str,
    records: DataFrame,
    caches: CacheScope,
    loads: tuple[Load, ...] | None = None,
    files: DataFrame | None = None,
    has_load_rows: bool = True,
) -> Mapped:
    """Parse and map the records of a leg.

    Of a change log, `loads` are those in force, where the records are not all there are; else they are found
    in the records and the source's `files`, looked at only where any load file has rows. Records may have the
    `generation` of their file, and whether it is `in_force`: what is not in force yet is ignored.
    """
    shape, dialect = DatasetSchema.of(dataset), dialects.of(source)
    reader = Reader.of(dialect, source)
    covered = dataset.covered("events" if leg == "events" else "changes")
    read, parsed, unnamed = Observation(), dialect.parsed(records), None
    known = fields.known_fields(dataset, source, dialect, leg)
    if leg == "events":
        assert dataset.events is not None
        if not is_one_pass(dataset.events):
            parsed = caches.keep(parsed)
        watched = _watched(parsed.withColumn("_ignored", ignored(dataset.events)), read)
        made = map_events(watched, dataset.events, shape, covered, reader, known)
        if dataset.events.other_types == "reject":
            stray = parsed.where(~F.col("type").isin(*dataset.events.apply))
            meant = map_rejected_events(stray, dataset.events, shape, reader)
            nothing = F.array().cast("array<string>")
            unnamed = identify_events(meant).withColumn("reasons", nothing).drop(fields.SHAPE)
        identified = identify_events(made)
    else:
        assert dataset.changes is not None
        marked = _counting(parsed, source.table)
        if loads is None:
            rows = marked.where("NOT _ignored AND kind = 'load'")
            loads = loads_of(rows if has_load_rows else rows.limit(0), files)
        counted = _watched(marked, read).where("NOT _ignored")
        counted = counted if known is None else counted.withColumn(fields.SHAPE, known.shape(counted))
        made = of_one(
            map_changes(counted, dataset.changes, shape, covered, reader, loads, source.before_image_prefix)
        )
        identified = identify_changes(made, shape)
    paths = mapped_paths(dataset, "events" if leg == "events" else "changes")
    values = tuple(path for path in paths if path.column in shape.values)
    whole, shapes = (identified, None) if known is None else _with_shapes(identified)
    whole = whole.drop(fields.SHAPE)
    made = caches.keep(whole)
    return Mapped(made, whole, leg, shape, dialect, read, values, loads or (), unnamed, known, shapes)


def _with_shapes(made: DataFrame) -> tuple[DataFrame, Observation]:
    """Watch which names the records have; of one that makes several changes, once."""
    shapes, shape = Observation(), F.col(fields.SHAPE)
    once = made.withColumn(fields.SHAPE, F.when(F.col("of_record") == 0, shape))
    return once.observe(shapes, *fields.observed()), shapes


def _watched(parsed: DataFrame, read: Observation) -> DataFrame:
    return parsed.observe(read, F.count(F.lit(1)).alias("accepted"), F.count_if("_ignored").alias("ignored"))


def _counting(parsed: DataFrame, table: str | None) -> DataFrame:
    """Add `_ignored`: the record is of another table, or of a reload that is not in force yet."""
    # Records that are only previewed say nothing of their files: they are of one load.
    missing = {"generation": F.lit(FIRST), "in_force": F.lit(True)}
    known = parsed.withColumns({name: it for name, it in missing.items() if name not in parsed.columns})
    others = F.lit(False) if table is None else ~F.col("type").eqNullSafe(F.lit(table))
    return known.withColumn("_ignored", others | ~F.col("in_force"))
