"""Many tables below one path of DMS: which table a file is of, or each row of a transaction file.

With PreserveTransactions the loads lie in `<schema>/<table>/` as ever, and the changes of all tables, in the
order of their commits, in `CDC_TXN-<time>.csv` of one folder: `op,table,schema,fields…`, never with a header
(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.S3.html, "Capturing data changes with
transaction order").
"""

import re

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import csv_text
from jobs.settings import Source
from jobs.storage.uri import scheme_free

# The table of a row, of a source of several.
TABLE = "_table"
_TRANSACTIONS = r"(^|/)CDC_TXN-[^/]*$"


def of_row(file: Column, cells: Column, source: Source) -> Column:
    """The `schema.table` of a row: what it says itself in a transaction file, else by its file's folders."""
    schema, table = (csv_text.unquoted(F.try_element_at(cells, F.lit(at))) for at in (3, 2))
    return F.when(_is_transactions(file), F.concat_ws(".", schema, table)).otherwise(of_file(file, source))


def cells_of_row(file: Column, cells: Column) -> Column:
    """The op and the fields of a row: in a transaction file the names of its table stand between them."""
    without_names = F.concat(F.slice(cells, 1, 1), F.slice(cells, F.lit(4), F.size(cells)))
    return F.when(_is_transactions(file), without_names).otherwise(cells)


def of_file(path: Column, source: Source) -> Column:
    """The `schema.table` whose folder a file lies in; empty where it lies in none, as transactions do."""
    if not source.tables:
        return F.lit("")
    root = re.escape(scheme_free(source.path).rstrip("/"))
    folders = [F.regexp_extract(path, rf"^{root}/([^/]+)/([^/]+)/[^/]", at) for at in (1, 2)]
    return F.when(_is_transactions(path) | (folders[0] == ""), "").otherwise(F.concat_ws(".", *folders))


def of_table(files: DataFrame, source: Source) -> DataFrame:
    """The rows of `ingested_files` that may hold rows of the source's one table: of its folder, or of all."""
    if source.table is None:
        return files
    path = F.col("path")
    return files.where(_is_transactions(path) | (of_file(path, source) == source.table))


def _is_transactions(path: Column) -> Column:
    return path.rlike(_TRANSACTIONS)
