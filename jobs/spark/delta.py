"""Delta tables by path: frames in, idempotent commits out; what a table holds, out.

Every write carries an application id and a version that grow with the frozen input, so a repeated or
interrupted write is skipped by Delta itself. Metadata questions (does it exist, which version, how far
did an application get) are answered from the log without starting a Spark job.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import types as T

from jobs.lake.log import SCHEMA_VERSION, VERSION_PROPERTY, open_table, rows_of, size_of
from jobs.lake.rows import MERGED_ROWS, Mode, append_rows
from jobs.spark.merges import Merge
from jobs.spark.plain_files import MOST_BYTES, plain_frame
from jobs.spark.plans import FEW, has_few_rows
from jobs.spark.rows import no_rows
from jobs.spark.writes import DELETION_VECTORS, Write
from jobs.storage.delta_query import Table as Log
from jobs.storage.uri import spark_uri

_LITTLE_ROWS = 5 * FEW
_MERGED = ("numTargetRowsInserted", "numTargetRowsUpdated", "numTargetRowsDeleted")
_PROPERTIES = {DELETION_VECTORS: "false", VERSION_PROPERTY: str(SCHEMA_VERSION)}


@dataclass
class Storage:
    """Reads and writes Delta tables; counts the commits it made."""

    spark: SparkSession
    options: Mapping[str, str] = field(default_factory=dict)
    commits: int = 0

    def log(self, path: str) -> Log | None:
        """Return the table's log, or None where there is no table; refuse one newer than this code."""
        return open_table(path, self.options)

    def version(self, path: str) -> int | None:
        """Return the newest version of the table, None where there is none."""
        log = self.log(path)
        return None if log is None else log.version()

    def property(self, path: str, name: str) -> str | None:
        """Return a table property, None where the table or the property is missing."""
        log = self.log(path)
        return None if log is None else log.metadata().configuration.get(name)

    def txn_version(self, path: str, app_id: str) -> int | None:
        """Return the last version that the application committed to the table, None where it never did."""
        log = self.log(path)
        return None if log is None else log.transaction_version(app_id)

    def size(self, path: str) -> int:
        """Return how many bytes of data the table holds, 0 where there is none; from its log alone."""
        log = self.log(path)
        return 0 if log is None else size_of(log)

    def rows(self, path: str) -> int | None:
        """Return how many rows the table holds at most, None where its log does not say of every file."""
        log = self.log(path)
        return None if log is None else rows_of(log)

    def rows_written(self, path: str) -> int:
        """Return how many rows the newest commit wrote anew or changed, as Delta counted them in passing."""
        log = self.log(path)
        commit = log.history(1)[0] if log else {}
        if MERGED_ROWS in commit:
            return int(commit[MERGED_ROWS])
        figures = commit.get("operationMetrics", {})
        merged = [int(figures[name]) for name in _MERGED if name in figures]
        return sum(merged) if merged else int(figures.get("numOutputRows", figures.get("num_added_rows", 0)))

    def read(self, path: str, version: int | None = None) -> DataFrame | None:
        """Return the table as a frame (at a version), None where there is none."""
        log = self.log(path)
        if log is None:
            return None
        if version is None and (plain := plain_frame(self.spark, log, path)) is not None:
            return plain
        reader = self.spark.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).load(spark_uri(path))

    def read_or_empty(self, path: str, schema: T.StructType) -> DataFrame:
        """Return the table as a frame, or no rows of the schema where there is none."""
        frame = self.read(path)
        return no_rows(self.spark, schema) if frame is None else frame

    def done(self, path: str, app_id: str, version: int) -> bool:
        """Tell whether the application already committed this version or a later one."""
        committed = self.txn_version(path, app_id)
        return committed is not None and committed >= version

    def append(
        self,
        df: DataFrame,
        path: str,
        app_id: str,
        version: int,
        properties: Mapping[str, str] | None = None,
        replacing: str | None = None,
    ) -> bool:
        """Append once per (application, version), making the table if need be; False when it was there.

        With `replacing`, a condition, the rows take the place of all that meet it.
        """
        return self._write(df, path, "append", app_id, version, properties or {}, replacing)

    def append_rows(
        self,
        rows: Iterable[Mapping[str, Any]],
        schema: T.StructType,
        path: str,
        app_id: str,
        version: int,
        replacing: str | None = None,
    ) -> bool:
        """Append rows that the driver has, and has few of, as `append` does; Spark is not asked."""
        if self.done(path, app_id, version):
            return False
        transaction = (app_id, version)
        append_rows(path, rows, schema.json(), transaction, self.options, _PROPERTIES, replacing)
        self.commits += 1
        return True

    def overwrite(
        self,
        df: DataFrame,
        path: str,
        app_id: str,
        version: int,
        properties: Mapping[str, str] | None = None,
    ) -> bool:
        """Replace all rows once per (application, version); False when it was done before.

        The table takes the schema of the new rows; its properties stay.
        """
        return self._write(df, path, "overwrite", app_id, version, properties or {})

    def merge(
        self,
        source: DataFrame,
        path: str,
        on: Sequence[str],
        app_id: str,
        version: int,
        gone: DataFrame | None = None,
        properties: Mapping[str, str] | None = None,
        within: str | None = None,
    ) -> bool:
        """Upsert rows by the columns `on`, null agreeing with null, once per (application, version).

        Rows of the table that `gone`, which needs no columns but those of `on`, agrees with are deleted; only
        those that meet `within`, a condition on a row `t` of it, are looked at. Columns that an older table
        lacks are added to it. False when it was done before.
        """
        log = self.log(path)
        if log is None:
            return self.append(source, path, app_id, version, properties)
        if self.done(path, app_id, version):
            return False
        merge = Merge(source, path, on, (app_id, version), gone, within)
        if has_few_rows(self.spark) and _is_little(log) and merge.is_plain(log):
            merge.by_the_driver(self.options)
        else:
            merge.by_spark()
        self.commits += 1
        return True

    def set_properties(self, path: str, properties: Mapping[str, str]) -> None:
        """Set table properties where they differ from what the table has."""
        log = self.log(path)
        if log is None or all(log.metadata().configuration.get(k) == v for k, v in properties.items()):
            return
        pairs = ", ".join(f"'{key}' = '{value}'" for key, value in properties.items())
        self.spark.sql(f"ALTER TABLE delta.`{spark_uri(path)}` SET TBLPROPERTIES ({pairs})")
        self.commits += 1

    def _write(
        self,
        df: DataFrame,
        path: str,
        mode: Mode,
        app_id: str,
        version: int,
        properties: Mapping[str, str],
        replacing: str | None = None,
    ) -> bool:
        log = self.log(path)
        if self.done(path, app_id, version):
            return False
        if log is not None:
            self.set_properties(path, properties)
        write = Write(df, path, mode, (app_id, version), {**_PROPERTIES, **properties}, replacing)
        if has_few_rows(self.spark) and write.is_plain(log):
            write.by_the_driver(self.options)
        elif log is not None:
            write.by_spark()
        else:
            write.that_creates(lambda: self.log(path) is not None)
        self.commits += 1
        return True


def _is_little(log: Log) -> bool:
    """Whether the driver can have the whole table; rows that are alike take few bytes."""
    rows = rows_of(log)
    return rows is not None and rows <= _LITTLE_ROWS and size_of(log) <= MOST_BYTES
