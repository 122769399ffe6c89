"""AWS DMS files -> records with their op, their fields by name and the stamp of their commit.

By the name of a file it is of a full load or of the log of changes (`load_files`). Rows of CSV come as their
text (`rows`), rows of Parquet as JSON objects that ingest makes of them (`members`); transaction files, with
the changes of all tables in the order of their commits, are CSV whatever the rest is (`tables`).
"""

from functools import partial

from pyspark.sql import functions as F

from jobs.dialects import csv_text, json_text
from jobs.dialects.base import Dialect
from jobs.dialects.dms import members, rows
from jobs.settings import Source
from jobs.settings.record import roots
from jobs.storage.load_files import is_load_file


def of(source: Source) -> Dialect:
    """The dialect in CSV; load files may have an Op column or none, changes have it first."""
    has_header = source.fields is None and not source.tables
    return Dialect(
        name="dms",
        framing=partial(csv_text.framing, delimiter=source.delimiter, has_header=has_header),
        lines=csv_text.lines(source.delimiter, has_header=has_header),
        judged=partial(rows.judged, source=source),
        parsed=partial(rows.parsed, source=source),
        with_content=lambda changes: changes.withColumn("content", F.sha2("record", 256)),
        kind=kind,
        fields=rows.Cells(source),
        nested=False,
        roots=roots(source),
    )


def of_parquet(source: Source) -> Dialect:
    """The dialect in Parquet; each file says its own columns, Op among them or not.

    It has no text to be framed: ingest makes a JSON object of each row (`ingest.parquet_rows`).
    """
    return Dialect(
        name="dms",
        framing=json_text.framing,
        lines=json_text.lines(),
        judged=partial(members.judged, source=source),
        parsed=partial(members.parsed, source=source),
        with_content=lambda changes: changes.withColumn("content", F.sha2("record", 256)),
        kind=kind,
        fields=members.Members(),
        nested=False,
        looked_at=members.looked_at(source),
        roots=roots(source),
    )


def kind(path: str) -> str:
    """'load' or 'change', by the name of the file."""
    return "load" if is_load_file(path) else "change"
