"""What a mapping reads of a record -> rows of one form: a change made, with the reasons why it is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.dedupe.fields import SHAPE
from jobs.dedupe.values import MappedValue
from jobs.dialects.reasons import reasons as list_of
from jobs.fold import DatasetSchema

# What a row keeps of the record it came from.
RECORD = (
    "record", "file", "etag", "row_number", "batch", "kind", "origin", "event_id", "occurred_at",
)  # fmt: skip
DELIVERY = ("file", "etag", "row_number")


@dataclass(frozen=True)
class Made:
    """Builds rows of changes made, before any is told to be the same as another."""

    shape: DatasetSchema

    def rows(
        self,
        frame: DataFrame,
        *,
        key: Mapping[str, MappedValue],
        op: Column,
        sets: Mapping[str, MappedValue],
        adds: Mapping[str, MappedValue],
        reverts: Column,
        creates: Column,
        full: Column,
        stated_position: Column,
        position: Column,
        sequence: Column,
        entry: Column,
        reasons: Sequence[Column],
        order: Column | None = None,
    ) -> DataFrame:
        """Return one row a row of the frame.

        Columns out: those of RECORD, the key, `names_key` (whether it can be read), `op`, `values`, `said`,
        `adds`, `reverts`, `creates`, `full`, `stated_position`, `position`, `sequence`, `entry`, `item_at`,
        `reasons` (empty: it is accepted), `order_fields`, the place without file and row (null of events),
        and the `SHAPE` of the record where it was asked for.
        """
        return frame.select(
            *RECORD,
            *(key[c].value.alias(c) for c in self.shape.key),
            _can_be_read(key).alias("names_key"),
            op.alias("op"),
            self._values(sets).alias("values"),
            self._stated(sets).alias("said"),
            *([self._adds(adds).alias("adds")] if self.shape.sums else []),
            reverts.alias("reverts"),
            creates.alias("creates"),
            full.alias("full"),
            stated_position.alias("stated_position"),
            position.alias("position"),
            sequence.alias("sequence"),
            entry.alias("entry"),
            F.col("item_at"),
            (F.lit(None).cast("string") if order is None else order).alias("order_fields"),
            list_of(*reasons).alias("reasons"),
            (F.col(SHAPE) if SHAPE in frame.columns else F.lit(None).cast("string")).alias(SHAPE),
        )

    def refused(self, records: DataFrame, reason: Column) -> DataFrame:
        """Return rows of records that make no change at all."""
        null = F.lit(None)
        nothing = {
            c: MappedValue(null.cast(self.shape.columns[c]), F.lit(False), null) for c in self.shape.key
        }
        return self.rows(
            records.withColumn("item_at", F.lit(0)), key=nothing, op=F.lit("upsert"), sets={}, adds={},
            reverts=null.cast("string"), creates=F.lit(False), full=F.lit(False),
            stated_position=null.cast("string"), position=null.cast("string"),
            sequence=null.cast("bigint"), entry=F.lit(-1), reasons=[reason],
        )  # fmt: skip

    def _values(self, sets: Mapping[str, MappedValue]) -> Column:
        types = self.shape.columns
        return F.struct(
            *(
                F.when(sets[c].is_stated, sets[c].value).alias(c)
                if c in sets
                else F.lit(None).cast(types[c]).alias(c)
                for c in self.shape.values
            )
        )

    def _stated(self, sets: Mapping[str, MappedValue]) -> Column:
        return F.struct(
            *((sets[c].is_stated if c in sets else F.lit(False)).alias(c) for c in self.shape.values)
        )

    def _adds(self, adds: Mapping[str, MappedValue]) -> Column:
        return F.struct(
            *(
                (adds[c].value if c in adds else F.lit(None)).cast(type_).alias(c)
                for c, type_ in self.shape.sums.items()
            )
        )


def _can_be_read(key: Mapping[str, MappedValue]) -> Column:
    """Whether a key can be read (R2): every part is said and fits, and not all of them are null."""
    fits = (part.is_stated & part.misfit.isNull() for part in key.values())
    some = (part.value.isNotNull() for part in key.values())
    return reduce(and_, fits) & reduce(or_, some)


def of_one(made: DataFrame) -> DataFrame:
    """Changes of records that make one each, or two with the same reasons: + `refused`, `record_position`.

    And `of_record`, which counts the changes of a record from 0.
    """
    return made.withColumns(
        {
            "refused": F.size("reasons") > 0,
            "record_position": F.col("position"),
            "of_record": F.col("item_at"),
        }
    )


def of_several(made: DataFrame) -> DataFrame:
    """Changes of records that may make several: the same as `of_one`, told of each record as a whole.

    One change that is refused refuses all. A record stands at the position of its first change, wherever its
    others go. `of_record` counts the changes of a record from 0.
    """
    record = Window.partitionBy(*DELIVERY)
    first = F.min(F.struct("entry", "item_at", "position")).over(record)["position"]
    return made.withColumns(
        {
            "refused": F.max(F.size("reasons")).over(record) > 0,
            "record_position": first,
            "of_record": F.row_number().over(record.orderBy("entry", "item_at")) - 1,
        }
    )
