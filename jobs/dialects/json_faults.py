"""A record's text -> whether it is one sound JSON object, or why it is not."""

from collections.abc import Iterable
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects.json_content import variant_path
from jobs.dialects.numbers import by_value, kept
from jobs.dialects.once import computed

STRICT = {"allowSingleQuotes": "false", "allowNonNumericNumbers": "false"}
_TEXTS = "map<string,string>"
# A code point that is no character: what stands behind a record, to see whether a parser got there.
_END = "\ufdd1"
# What `looked_at` finds.
SEEN = "_seen"
_VALUE = "_value"


def looked_at(records: DataFrame, paths: Iterable[str]) -> DataFrame:
    """[record, ...] -> the same and `_seen`, the texts at the paths; null where a second look is needed.

    One parser reads nearly all records to their end and finds a text at every path: each is a sound object.
    """
    ended = F.concat(F.lit("["), F.col("record"), F.lit(f',"{_END}"]'))
    parsed = computed(records, {_VALUE: F.try_parse_json(ended)})
    value, wanted = F.col(_VALUE), list(dict.fromkeys(paths))
    texts = [F.try_variant_get(value, variant_path(path, "$[0]"), "string") for path in wanted]
    texts_struct = F.struct(*(text.alias(str(n)) for n, text in enumerate(texts)))
    is_whole = (F.try_variant_get(value, "$[1]", "string") == _END) & ~F.contains("record", F.lit(_END))
    filled = computed(parsed, {SEEN: F.when(is_whole, texts_struct)}).drop(_VALUE)
    has_all = reduce(and_, (F.trim(F.col(f"{SEEN}.`{n}`")) != "" for n in range(len(wanted))))
    return filled.withColumn(SEEN, F.when(has_all, F.col(SEEN)))


def judged(records: DataFrame, loose: str) -> DataFrame:
    """[record, _seen, ...] -> the same with what its text is as JSON, where `_seen` is null.

    + fault: why it is not one sound object; null where it is.
    + `loose`: the object's own fields, name -> text, numbers perhaps spelt otherwise; null of what is none.
    """
    record, again = F.col("record"), F.col(SEEN).isNull()
    # A number of a thousand digits stops this parser, unless it is protected.
    fields = F.coalesce(_only(record), _only(kept(record)))
    read = computed(records, {loose: F.when(again, fields)})
    sound = F.col(f"`{loose}`").isNotNull() & F.try_parse_json(listed(record)).isNotNull()
    return computed(read, {"fault": F.when(again & ~sound, _fault(record))})


def listed(record: Column) -> Column:
    """The text within brackets: Spark's parser reads one value and passes over whatever follows it."""
    return F.concat(F.lit("["), record, F.lit("]"))


def _only(record: Column) -> Column:
    """The fields of the object, if it can stand as a member of another: its text closes nothing else."""
    around = F.concat(F.lit('{"":'), record, F.lit("}"))
    return F.from_json(around, f"map<string,{_TEXTS}>", STRICT)[""]


def _fault(record: Column) -> Column:
    """Why a text is not one sound JSON object; null where it is one after all, but for its long numbers."""
    protected = kept(record)
    roots = F.from_json(listed(protected), f"array<{_TEXTS}>", STRICT)
    value, loose = F.try_parse_json(by_value(record)), F.from_json(record, _TEXTS, STRICT)
    several = F.coalesce(F.size(F.from_json(listed(record), "array<string>")), F.lit(0)) != 1
    return (
        F.when(value.isNull() & loose.isNull(), "not JSON")
        .when(value.isNull(), "duplicate key in the object")
        .when((F.size(roots) == 1) & roots[0].isNotNull() & _only(protected).isNotNull(), None)
        .when(several | roots[0].isNotNull(), "more than one JSON value")
        .otherwise("not a JSON object")
    )
