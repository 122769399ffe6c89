"""Files below a folder -> where each lies, and what the names of its folders say: `shop=0042`."""

import re
from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.lake.schema import quoted
from jobs.spark.columns import file_path
from jobs.storage.uri import scheme_free

_NULL = "__HIVE_DEFAULT_PARTITION__"
FILE = "_file"
# Spark would take folders for columns and guess their types: 0042 would be the number 42.
PLAIN = {"recursiveFileLookup": "true"}


def file() -> Column:
    """The scheme-free path of the file that a row was read from."""
    return file_path(F.col("_metadata.file_path"))


def with_folders(rows: DataFrame, columns: Iterable[str], uri: str) -> DataFrame:
    """Rows with a text column for each that folders name, from `_file`, which goes.

    A file that lies in no such folder has null there; a column of the same name within the files gives way.
    """
    root = scheme_free(uri).rstrip("/") + "/"
    below = F.substring(F.col(FILE), len(root) + 1, 2**31 - 1)
    names = [*columns]
    hidden = {name.lower() for name in names}
    others = [F.col(quoted(c)) for c in rows.columns if c != FILE and c.lower() not in hidden]
    return rows.select(*others, *(_value(below, name).alias(name) for name in names))


def _value(below: Column, name: str) -> Column:
    # A folder's name may stand escaped or not; either way it is all between two slashes.
    spellings = "|".join(sorted({re.escape(name), re.escape(_escaped(name))}))
    escaped = F.regexp_extract(below, rf"(?:^|/)(?:{spellings})=([^/]*+)/", 1)
    text = F.coalesce(F.try_url_decode(F.replace(escaped, F.lit("+"), F.lit("%2B"))), escaped)
    is_named = below.rlike(rf"(?:^|/)(?:{spellings})=[^/]*+/") & (escaped != _NULL)
    return F.when(is_named, text)


def _escaped(name: str) -> str:
    """The name as Hive writes it into a folder's."""
    return "".join(f"%{ord(c):02X}" if c in "\"#%'*/:=?\\\x7f{[]^" or c < " " else c for c in name)
