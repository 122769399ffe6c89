"""Columns -> a JSON object of those that have a value, in the exact forms of every table."""

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.spark.columns import exact_text, object_json

TEXTS = "array<string>"


def member(name: str, value: Column, type_: str) -> Column:
    """Return `"name":value`, a part of a JSON object; null is a value."""
    single = object_json(exact_text(value, type_).alias(name))
    return F.regexp_replace(single, r"^\{|\}$", "")


def json_object(members: Sequence[Column]) -> Column:
    """Return the JSON object of the members that are not null, in their order."""
    return F.concat(F.lit("{"), F.array_join(present(members), ","), F.lit("}"))


def present(texts: Sequence[Column]) -> Column:
    """Return the texts that are not null, as an array."""
    return F.array_compact(F.array(*texts).cast(TEXTS)) if texts else F.array().cast(TEXTS)
