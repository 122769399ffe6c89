"""Rows of the store whose key fits no key column -> what tells such keys apart, how they are written (R2).

Every value that does not fit is null in its column, so the columns alone would take all of them for one key,
and for the real key that is null there. What the store holds is a part of the key instead: `_invalid_key`, a
JSON object of the key's columns with the text of each value that does not fit; null of every other key.
"""

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.spark.columns import digest, key_json, object_json, row_json, same

INVALID_KEY = "_invalid_key"


def invalid_key(misfits: Column, key: Sequence[str]) -> Column:
    """Return `_invalid_key` of a row of the store.

    In: its values that do not fit their columns (`stored.MISFITS`).
    """
    of_key = F.exists(misfits, lambda misfit: misfit["column"].isin(*key))
    return _object({c: invalid_text(misfits, c) for c in key}, of_key)


def invalid_text(misfits: Column, column: str) -> Column:
    """Return the text of a stored value that does not fit its column; null where it fits."""
    of_column = F.filter(misfits, lambda misfit: misfit["column"] == column)
    return F.try_element_at(of_column, F.lit(1))["text"]


def recorded_invalid_key(key: Sequence[str], prefix: str = "") -> Column:
    """Return `_invalid_key` of a row of a table that holds the key as columns and as JSON (`key`).

    A part of the JSON whose column is null is a value that does not fit.
    """
    written = _read(F.col(f"{prefix}`key`"), key)
    texts = {c: F.when(F.col(f"{prefix}`{c}`").isNull(), written[c]) for c in key}
    is_invalid = F.coalesce(*texts.values()).isNotNull()
    return _object(texts, is_invalid)


def whole_key_json(key: Sequence[str], types: Mapping[str, str], prefix: str = "") -> Column:
    """Return the key as JSON, with the texts that do not fit; over the key columns and `_invalid_key`."""
    invalid = F.col(f"{prefix}{INVALID_KEY}")
    texts = _read(invalid, key)
    row = {c: F.col(f"{prefix}`{c}`") for c in key}
    with_texts = row_json_with(row, types, {c: texts[c] for c in key})
    return F.when(invalid.isNull(), key_json(key, types, prefix)).otherwise(with_texts)


def row_json_with(row: Mapping[str, Column], types: Mapping[str, str], texts: Mapping[str, Column]) -> Column:
    """Return named values as one JSON object, the text in place of a value where there is one.

    Member by member, since a column's text is of another type than its values.
    """
    members = []
    for c, value in row.items():
        text = F.when(texts[c].isNotNull(), row_json({c: texts[c]}, {c: "string"}))
        whole = F.coalesce(text, row_json({c: value}, types))
        members.append(F.substring(whole, F.lit(2), F.length(whole) - 2))
    return F.concat(F.lit("{"), F.concat_ws(",", *members), F.lit("}"))


def discrepancy_id(dataset: str, key: Column, is_invalid: Column) -> Column:
    """Return the id of a key's discrepancy; a text that fits no column is another key than one that does."""
    named = F.lit(dataset)
    return F.when(is_invalid, digest(named, key, F.lit("invalid"))).otherwise(digest(named, key))


def with_invalid_key(rows: DataFrame) -> DataFrame:
    """Return the rows with `_invalid_key`: null, where they are of a leg whose keys all fit."""
    if INVALID_KEY in rows.columns:
        return rows
    return rows.withColumn(INVALID_KEY, F.lit(None).cast("string"))


def same_valid(left: str, right: str, key: Sequence[str]) -> Column:
    """Return whether an aligned row is of the key of another frame, which holds none that does not fit."""
    return same(left, right, key) & F.col(f"{left}.{INVALID_KEY}").isNull()


def _object(texts: Mapping[str, Column], is_invalid: Column) -> Column:
    return F.when(is_invalid, object_json(*(text.alias(c) for c, text in texts.items())))


def _read(json: Column, key: Sequence[str]) -> Column:
    return F.from_json(json, ", ".join(f"`{c}` string" for c in key))
