"""Rows of DMS's Parquet files, each as the JSON object that ingest makes of it -> op, members, commit stamp.

What a row has no member of, its file had no column for: it does not say it (R13).
"""

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects.dms.operations import AT, OPS, STAMP, columns, occurred_at, op_faults, stamp_fault
from jobs.dialects.numbers import kept, restored
from jobs.dialects.once import computed
from jobs.dialects.paths import Leaf
from jobs.dialects.reasons import garbled, reasons
from jobs.settings import Source
from jobs.spark.casts import usual_instant

# DMS writes the first; what else ships or rewrites its files may spell it otherwise.
_OP_NAMES = ("Op", "op", "OP")
_MEMBERS = "_members"
# What a first look at a row finds.
_SEEN = "_seen"
_MAP = "map<string,string>"


def looked_at(source: Source) -> tuple[str, ...]:
    """The members that tell whether a row is refused."""
    return (*_OP_NAMES, *([source.timestamp_column] if source.timestamp_column else []))


def names() -> Column:
    """The names of the members of a row that is taken apart."""
    return F.map_keys(_MEMBERS)


class Members:
    """Members of objects of one depth: a path is the name of one, dots included."""

    def opened(self, frame: DataFrame, wanted: Iterable[str]) -> DataFrame:
        """The frame as it is: its objects are taken apart when they are parsed."""
        return frame

    def lookup(self, path: str) -> Leaf:
        """The text of the member of that name."""
        has = F.map_contains_key(F.col(_MEMBERS), path)
        return Leaf(restored(F.col(_MEMBERS)[path]), F.coalesce(has, F.lit(False)))


def judged(records: DataFrame, source: Source) -> DataFrame:
    """Records with `sound` and `reasons` (see Dialect); ingest itself wrote them, so that all are sound."""
    plain = records.drop("sound", "reasons")
    # How numbers are spelt is no matter here: they need no protection.
    parsed_members = F.from_json("record", _MAP)
    brought = F.coalesce("members", parsed_members) if "members" in plain.columns else parsed_members
    read = _dated(computed(plain, {_MEMBERS: brought}).drop("members"), source)
    seen = F.col(_SEEN)
    dated = computed(_looked_at(read, source), {AT: F.when(~seen, occurred_at(source))}, apart=True)
    faults = reasons(garbled(records), op_faults(_op(), _said_op().isNotNull()), stamp_fault(source))
    verdict = F.when(seen, reasons(garbled(records))).otherwise(faults)
    judged_rows = computed(dated, {"sound": F.lit(True), "reasons": verdict})
    return judged_rows.drop(_MEMBERS, _SEEN, STAMP, AT)


def _looked_at(read: DataFrame, source: Source) -> DataFrame:
    """Rows with `_seen`, whether a cheap look tells that op and stamp are as usual, as of nearly all."""
    op, is_load = _said_op(), F.col("kind") == "load"
    usual = F.when(is_load, F.coalesce(op, F.lit("I")) == "I").otherwise(op.isin(*OPS))
    if source.timestamp_column is not None:
        usual = usual & usual_instant(F.col(STAMP), source.commit_timezone).isNotNull()
    return computed(read, {_SEEN: F.coalesce(usual, F.lit(False))})


def parsed(records: DataFrame, source: Source) -> DataFrame:
    """Records with the columns of every dialect (see Dialect), and those that `Members` needs."""
    taken_apart = computed(records, {_MEMBERS: F.from_json(kept(F.col("record")), _MAP)})
    read = _dated(taken_apart, source)
    return read.withColumns(columns(_op(), source)).drop(STAMP)


def _dated(read: DataFrame, source: Source) -> DataFrame:
    if source.timestamp_column is None:
        return read
    return read.withColumn(STAMP, Members().lookup(source.timestamp_column).text)


def _said_op() -> Column:
    return F.coalesce(*(F.col(_MEMBERS)[name] for name in _OP_NAMES))


def _op() -> Column:
    """The operation; a row that says none is one of a load, which inserts."""
    return F.coalesce(F.upper(F.trim(_said_op())), F.lit("I"))
