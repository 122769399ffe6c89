"""What DMS says of a row beside its fields, in any format: the operation, and the stamp of the commit."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.dialects.instants import instant
from jobs.settings import Source

OPS = ("I", "U", "D")
NO_OP = "no Op column: set IncludeOpForFullLoad of the endpoint"
# The text of the commit stamp, and the instant that it names.
STAMP, AT = "_stamp", "_at"


def op_faults(op: Column, is_said: Column) -> Column:
    """Why an operation is refused, over `kind`: a load only inserts, a change has to say what it does."""
    is_load = F.col("kind") == "load"
    strange = F.concat(F.lit("Op is "), F.substring(op, 1, 40))
    in_load = F.when(is_load & (op != "I"), F.concat(strange, F.lit(" in a full load")))
    return F.when(~is_load & ~is_said, NO_OP).when(~op.isin(*OPS), strange).otherwise(in_load)


def occurred_at(source: Source) -> Column:
    """When a row happened, over its `STAMP`: when it was committed, or else when its file was written."""
    if source.timestamp_column is None:
        return F.col("modified_at")
    return instant(F.col(STAMP), source.commit_timezone)


def stamp_fault(source: Source) -> Column:
    """Why the commit stamp of a row is refused, over its `STAMP` and `AT`."""
    name = source.timestamp_column
    if name is None:
        return F.lit(None).cast("string")
    text = F.col(STAMP)
    wrong = F.concat(F.lit(f"timestamp column {name} is no timestamp: "), F.substring(text, 1, 40))
    empty = F.when(text.isNull(), F.lit(f"timestamp column {name} is empty"))
    return F.when(F.col(AT).isNull(), empty.otherwise(wrong))


def columns(op: Column, source: Source, table: Column | None = None) -> dict[str, Column]:
    """The columns that every dialect has of a record, over `STAMP`; the type of a row is its table's name."""
    return {
        "event_id": F.lit(None).cast("string"),
        "origin": F.lit(""),
        "type": F.lit(None).cast("string") if table is None else table,
        "cdc_op": F.when(op.isin(*OPS), op),
        "occurred_at": occurred_at(source),
        "tiebreak": F.lit(None).cast("string"),
    }
