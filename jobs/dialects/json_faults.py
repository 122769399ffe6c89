"""A record's text -> whether it is one sound JSON object, or why it is not."""

from collections.abc import Mapping

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
_VALUE, _AFTER = "_value", "_after"


def looked_at(records: DataFrame, texts: Mapping[str, str], are_usual: Column) -> DataFrame:
    """[record, ...] -> the same and `_seen`: whether one look tells that a record is a sound object.

    One parser reads nearly all records to their end. `texts`: columns -> the paths at which it finds them;
    `are_usual` tells of these columns whether they are what they should be.
    """
    ended = F.concat(F.lit("["), F.col("record"), F.lit(f',"{_END}"]'))
    parsed = computed(records, {_VALUE: F.try_parse_json(ended)})
    at = {name: variant_path(path, "$[0]") for name, path in texts.items()} | {_AFTER: "$[1]"}
    value = F.col(_VALUE)
    read = computed(parsed, {name: F.try_variant_get(value, path, "string") for name, path in at.items()})
    is_whole = (F.col(_AFTER) == _END) & ~F.contains("record", F.lit(_END))
    return computed(read, {SEEN: F.coalesce(is_whole & are_usual, F.lit(False))}).drop(_VALUE, *at)


def judged(records: DataFrame, loose: str) -> DataFrame:
    """[record, _seen, ...] -> the same with what its text is as JSON, where `_seen` does not tell.

    + fault: why it is not one sound object; null where it is.
    + `loose`: the object's own fields, name -> text, numbers perhaps spelt otherwise; null of what is none.
    """
    record, again = F.col("record"), ~F.col(SEEN)
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
