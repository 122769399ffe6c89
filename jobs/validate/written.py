"""What a stage wrote, or what was never checked -> the tables to check, with the rows to look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.run.context import RunContext, StageResult
from jobs.spark.schemas import table_schema, widened
from jobs.storage.delta_query import query, text

# Tables whose old and new rows depend on each other: checked as a whole.
_CHECKED_WHOLE = (tables.DISCREPANCIES, tables.COMPENSATIONS)


@dataclass(frozen=True)
class Written:
    """Rows to check: `name` is the table's in the results, `suite` the one that it has to meet.

    `table_rows`: how many rows the whole table has, None where its log does not say.
    """

    name: str
    suite: str
    version: int
    rows: DataFrame
    table_rows: int | None


@dataclass(frozen=True)
class Checked:
    """The results so far of a table: the version checked last, and this run's expectations by outcome."""

    version: int | None = None
    judged: int = 0
    critical: int = 0
    warnings: int = 0

    def holds(self, version: int) -> bool:
        """Whether the table was checked in this version, and nothing of it stops this run."""
        return self.version == version and not self.critical


def by_stage(context: RunContext, result: StageResult) -> Iterator[Written]:
    """Give the tables that a stage wrote, with the rows it wrote: costs follow what is new.

    Of the tables of `_CHECKED_WHOLE` all rows are given.
    """
    if result.stage == "ingest":
        for source in result.batches:
            yield from _of_source(context, source)
    for table in result.wrote:
        for written in _of_dataset(context, table):
            of_this_run = F.col("run_id") == context.run_id
            rows = written.rows if table in _CHECKED_WHOLE else written.rows.where(of_this_run)
            yield replace(written, suite=table, rows=rows)


def unchecked(context: RunContext, checked: Mapping[str, Checked]) -> Iterator[Written]:
    """Give the dataset's tables whose present version was never checked, whole.

    None is left behind by a run whose stages were all checked; an interrupted one, or maintenance, leaves
    some. The run's own logs change with each look at them and are looked at once in a run.
    """
    for table, spec in tables.OF_DATASETS.items():
        last_check = checked.get(table, Checked())
        if not spec.is_log:
            yield from (one for one in _of_dataset(context, table) if one.version != last_check.version)
        elif not last_check.judged:
            yield from _of_dataset(context, table)


def _of_source(context: RunContext, source: str) -> Iterator[Written]:
    # The batches that this run finished: its own, and one that an interrupted run may have begun.
    files = context.storage.log(context.source_path(source, tables.INGESTED_FILES))
    of_this_run = f"SELECT min(batch) AS first FROM files WHERE run_id = {text(context.run_id)}"  # noqa: S608
    first = query(of_this_run, {"files": files})[0]["first"] if files is not None else None
    if first is None:
        return
    for table, spec in tables.OF_SOURCES.items():
        path = context.source_path(source, table)
        if spec.suite and (one := _of_table(context, path, f"sources/{source}/{table}", spec.suite)):
            yield replace(one, rows=one.rows.where(F.col("batch") >= first))


def _of_dataset(context: RunContext, table: str) -> Iterator[Written]:
    suite = tables.OF_DATASETS[table].suite
    if suite is not None and (one := _of_table(context, context.path(table), table, suite)):
        yield replace(one, rows=widened(one.rows, table_schema(table, context.shape)))


def _of_table(context: RunContext, path: str, name: str, suite: str) -> Written | None:
    version, rows = context.storage.version(path), context.storage.read(path)
    if version is None or rows is None:
        return None
    return Written(name, suite, version, rows, context.storage.rows(path))
