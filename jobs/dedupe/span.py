"""A leg, the batches of a run and how its rows were made -> what of the source has to be read (R6)."""

from dataclasses import dataclass, field

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.dedupe.generations import Load, files_digest, known_loads
from jobs.dialects.dms.tables import of_table
from jobs.errors import ConfigError
from jobs.lake import tables
from jobs.run.context import RunContext, progress_of, progress_version
from jobs.settings import leg_digest, mapping_digest
from jobs.spark.generations import PlacedBy, placed_by, with_force
from jobs.storage.delta_query import rows

DIGEST, REBUILT = "tieout.mapping_digest", "tieout.rebuilt_by"
# Of the leg alone, so that a refusal can name the leg whose mapping is another.
LEG_DIGEST = "tieout.leg_digest"


@dataclass(frozen=True)
class Span:
    """The batches of a source that a leg has to read: those above `done`, up to `upto`, in which epoch.

    Of a change log `files` is the digest of the load files in force, and `loads` are those by which the rows
    that there are were placed; None where all rows are placed by this span.
    """

    epoch: int
    done: int
    upto: int
    rebuild: bool
    files: str = field(default="", compare=False)
    loads: tuple[Load, ...] | None = field(default=None, compare=False)

    @property
    def version(self) -> int:
        """The transaction version that says the span is done."""
        return progress_version(self.epoch, self.upto)

    @property
    def within(self) -> str:
        """Whether a row's `batch` is of the span, in SQL."""
        return f"batch > {self.done} AND batch <= {self.upto}"

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to read."""
        return not self.rebuild and self.done >= self.upto


def span_of(context: RunContext, leg: str) -> Span:
    """Tell what the leg has to read of the frozen batches: the new ones, or all of them anew.

    Raises:
        ConfigError: the mapping has changed, and nothing was said of the rows made by the old one.
    """
    path = context.path(tables.CANONICAL[leg])
    epoch, done = progress_of(context.storage.txn_version(path, app_of(leg)))
    upto = context.pinned.batches[context.source(leg).source]
    stored_digest = context.storage.property(path, DIGEST)
    full = context.options.full and context.storage.property(path, REBUILT) != context.run_id
    digest = mapping_digest(context.dataset, context.project)
    if stored_digest not in (None, digest) and not full and not context.options.accept_from_now:
        raise ConfigError(_changed_mapping(context))
    if stored_digest is not None and context.options.accept_from_now:
        context.storage.set_properties(path, {DIGEST: digest, LEG_DIGEST: digest_of_leg(context, leg)})
    # Word that a load is complete, taken on from now, may bring one in force without a new file.
    is_behind = done < upto or context.options.accept_from_now
    if leg == "events" or not (is_behind or full):
        return Span(epoch + 1, 0, upto, True) if full and stored_digest else Span(epoch, done, upto, False)
    files, placed = files_digest(files_of(context, leg, upto)), placed_by(context.storage, path) or PlacedBy()
    # What is said of rows that an interrupted rebuild was to write says nothing of those that there are.
    is_placed = placed.files == files and placed.version <= progress_version(epoch, done)
    if stored_digest is not None and (full or not is_placed):
        return Span(epoch + 1, 0, upto, True, files)
    known = None if stored_digest is None else known_loads(placed.begins)
    return Span(epoch, done, upto, False, files, known)


def digest_of_leg(context: RunContext, leg: str) -> str:
    """Return the digest of a leg's own part of the mapping."""
    return leg_digest(context.dataset, context.project, "events" if leg == "events" else "changes")


def _changed_mapping(context: RunContext) -> str:
    """Say which part of the mapping is another than that of the rows in the lake, and what to do."""
    before = {
        leg: context.storage.property(context.path(tables.CANONICAL[leg]), LEG_DIGEST)
        for leg in context.dataset.legs
    }
    changed = [leg for leg, digest in before.items() if digest not in (None, digest_of_leg(context, leg))]
    # A lake of an older Tieout knows nothing of legs.
    part = " and ".join(changed) or ("" if None in before.values() else "key or columns")
    what = f"The mapping of {context.name} has changed" + (f" ({part})" if part else "")
    command = f"tieout run {context.name} -c {context.project.config}"
    command += f" -e {context.project.env}" if context.project.env else ""
    return (
        f"{what} since its rows were made: `{command} --full` makes them anew from the records, "
        f"`{command} --accept-from-now` keeps those that there are and maps what comes from now on."
    )


def files_of(context: RunContext, leg: str, upto: int) -> DataFrame:
    """Return the files of a leg's source up to a batch, each with whether what it holds is `in_force`."""
    files = context.storage.read(_source_files(context, leg))
    assert files is not None
    by_then = files.where(F.col("batch") <= upto)
    if leg == "events":
        return by_then.withColumn("in_force", F.lit(True))
    source = context.source(leg)
    return with_force(of_table(by_then, source), source.load_complete)


def has_files(context: RunContext, leg: str, where: str) -> bool:
    """Tell whether `ingested_files` of a leg's source has any of a condition in SQL; asked without Spark."""
    files = context.storage.log(_source_files(context, leg))
    return files is not None and bool(rows(files, where, ["path"], limit=1))


def _source_files(context: RunContext, leg: str) -> str:
    return context.source_path(context.source(leg).source, tables.INGESTED_FILES)


def app_of(leg: str) -> str:
    """Return the application under which a leg is written."""
    return f"dedupe/{leg}"
