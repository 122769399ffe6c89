"""A key as people write it -> its values in the dataset's types, to look for and to show.

A value may not fit its type: the store may hold such a row, which is then found by its text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.lake.keys import KeyText, example, parts_of
from jobs.spark.casts import fit
from jobs.spark.invalid_keys import INVALID_KEY, invalid_key, recorded_invalid_key, whole_key_json


@dataclass(frozen=True)
class Key:
    """One key: its `json` as the tables write it, and `values` as literals of the columns' types.

    `invalid`: the texts that fit no key column, as `_invalid_key` has them (None: all fit), and `fault`, a
    sentence that says so.
    """

    json: str
    values: Mapping[str, Column]
    invalid: str | None = None
    fault: str = ""

    @property
    def columns(self) -> dict[str, object]:
        """The key's columns as JSON has them: bigint and decimal as text."""
        read: dict[str, object] = json.loads(self.json)
        return read

    @property
    def is_changed(self) -> Column:
        """Whether a canonical change is of this key: none is of a key that does not fit."""
        return self._is_equal & F.lit(self.invalid is None)

    @property
    def is_stored(self) -> Column:
        """Whether a row of the store, with its `_misfits`, is of this key."""
        return self._is_equal & self._is_invalid(invalid_key(F.col("_misfits"), [*self.values]))

    @property
    def is_recorded(self) -> Column:
        """Whether a discrepancy is of this key."""
        return self._is_equal & self._is_invalid(recorded_invalid_key([*self.values]))

    def is_named(self, key: Column) -> Column:
        """Whether a struct of key columns is of this key."""
        pairs = (key[c].eqNullSafe(value) for c, value in self.values.items())
        return reduce(and_, pairs) & F.lit(self.invalid is None)

    @property
    def _is_equal(self) -> Column:
        """Whether the key columns are equal, null parts matching null."""
        return reduce(and_, (F.col(f"`{c}`").eqNullSafe(value) for c, value in self.values.items()))

    def _is_invalid(self, invalid: Column) -> Column:
        return invalid.eqNullSafe(F.lit(self.invalid).cast("string"))


def key_of(spark: SparkSession, key_text: KeyText, shape: DatasetSchema) -> Key:
    """Read a key: `{"order_id": 17}`, or the bare value where the key has one column.

    Raises:
        ConfigError: it names other columns.
    """
    parts = parts_of(key_text, shape.key, shape.columns)
    texts = {c: _text(parts[c]) for c in shape.key}
    fitted = {c: fit(F.lit(texts[c]).cast("string"), shape.columns[c]) for c in shape.key}
    misfits = [
        F.when(bad, F.struct(F.lit(c).alias("column"), F.lit(texts[c]).cast("string").alias("text")))
        for c, (_, bad) in fitted.items()
    ]
    # Literals over one row that is known to the planner: no job is started.
    one = spark.sql("SELECT 1").select(
        *(value.alias(c) for c, (value, _) in fitted.items()),
        invalid_key(F.array_compact(F.array(*misfits)), shape.key).alias(INVALID_KEY),
    )
    row = one.select(
        whole_key_json(shape.key, shape.columns),
        INVALID_KEY,
        F.array(*(F.col(f"`{c}`").cast("string") for c in shape.key)),
    ).collect()[0]
    values = {c: F.lit(text).cast(shape.columns[c]) for c, text in zip(shape.key, row[2], strict=True)}
    return Key(row[0], values, row[1], _fault(row[1], shape))


def _fault(invalid: str | None, shape: DatasetSchema) -> str:
    """What does not fit, and how such a key is written; empty where all fits."""
    if invalid is None:
        return ""
    wrong = [
        f"{text} is no {shape.columns[c]} ({c})"
        for c, text in json.loads(invalid).items()
        if text is not None
    ]
    like = example(shape.key, shape.columns)
    return f"The key cannot be read: {', '.join(wrong)}; write it like '{like}'."


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
