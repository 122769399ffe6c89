"""A key as people write it -> its values in the dataset's types, to look for and to show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import and_

from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from jobs.errors import ConfigError
from jobs.fold import Shape
from jobs.lake.keys import Told, example, parts_of
from jobs.spark.casts import fit
from jobs.spark.columns import row_json


@dataclass(frozen=True)
class Key:
    """One key: its `json` as the tables write it, and `values` as literals of the columns' types."""

    json: str
    values: Mapping[str, Column]

    @property
    def shown(self) -> dict[str, object]:
        """The key's columns as JSON shows them: bigint and decimal as text."""
        read: dict[str, object] = json.loads(self.json)
        return read

    def is_in(self, prefix: str = "") -> Column:
        """Whether a row is of this key; null parts match null."""
        pairs = (F.col(f"{prefix}`{c}`").eqNullSafe(value) for c, value in self.values.items())
        return reduce(and_, pairs)


def key_of(spark: SparkSession, told: Told, shape: Shape) -> Key:
    """Read a key: `{"order_id": 17}`, or the bare value where the key has one column.

    Raises:
        ConfigError: it names other columns, or a value does not fit its column.
    """
    parts = parts_of(told, shape.key, shape.columns)
    texts = {c: _text(parts[c]) for c in shape.key}
    fitted = {c: fit(F.lit(texts[c]).cast("string"), shape.columns[c]) for c in shape.key}
    # Literals over one row that is known to the planner: no job is started.
    row = spark.sql("SELECT 1").select(
        row_json({c: value for c, (value, _) in fitted.items()}, shape.columns),
        F.array(*(misfit for _, misfit in fitted.values())),
        F.array(*(value.cast("string") for value, _ in fitted.values())),
    ).collect()[0]  # fmt: skip
    wrong = [
        f"{texts[c]} is no {shape.columns[c]} ({c})" for c, bad in zip(shape.key, row[1], strict=True) if bad
    ]
    if wrong:
        like = example(shape.key, shape.columns)
        raise ConfigError(f"The key cannot be read: {', '.join(wrong)}; write it like '{like}'.")
    values = {c: F.lit(text).cast(shape.columns[c]) for c, text in zip(shape.key, row[2], strict=True)}
    return Key(row[0], values)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
