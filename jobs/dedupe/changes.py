"""Parsed change records -> the canonical changes they are (R4, R5, R12, R13a)."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import positions
from jobs.dedupe.change_rows import Made
from jobs.dedupe.generations import Load, generation_of
from jobs.dedupe.values import MappedValue, Reader, Value
from jobs.fold import DatasetSchema
from jobs.settings import ChangesLeg, Path, Sql
from jobs.spark.generations import place_of
from jobs.spark.ordinals import ordinal

# Of an update that changes the key: the row that is of the old one.
_OLD = "item_at = 1"


def map_changes(
    parsed: DataFrame,
    leg: ChangesLeg,
    shape: DatasetSchema,
    covered: Sequence[str],
    reader: Reader,
    loads: Sequence[Load],
    before_images: str | None = None,
) -> DataFrame:
    """Map accepted change records to changes (`Made.rows`); misfits are named in `reasons`.

    In: the parsed columns and the `generation` of each record's file; the loads in force; what names of
    columns begin with that hold what a field was before. A row that is not ours (`where`) becomes a delete of
    kind `leave`, which counts only for a key that lived.
    Out: one change a record; of an update that says another key before, a second one, with `item_at` 1, that
    deletes the old key.
    """
    frame, mapped, before, placed = _read(parsed, leg, shape, reader, loads, before_images)
    key = {c: mapped[c] for c in shape.key}
    frame, named = _moved(frame, key, before) if before else (frame, key)
    is_delete, is_load = (F.col("cdc_op") == "D") | F.expr(_OLD), F.col("_is_load")
    ends = is_delete | F.col("_gone") | F.col("_leaves")
    full = _all_stated(mapped, covered, shape)
    position = positions.of_change(F.col("stated"))
    dense = [placed[field.field] for field in leg.order if field.sequence == "dense"]
    return Made(shape).rows(
        frame.withColumn("kind", F.when(F.col("_leaves"), F.lit("leave")).otherwise(F.col("kind"))),
        key=named,
        op=F.when(ends, F.lit("delete")).otherwise(F.lit("upsert")),
        sets={
            c: MappedValue(one.value, one.is_stated & ~ends, one.misfit)
            for c, one in mapped.items()
            if c in shape.values
        },
        adds={},
        reverts=F.lit(None).cast("string"),
        creates=~ends & ((F.col("cdc_op") == "I") | full),
        full=~ends & full,
        # Where no field is configured, and among load rows, file and row are all that the source said.
        stated_position=F.when(is_load | F.lit(not leg.order), position).otherwise(F.col("stated")),
        position=position,
        sequence=dense[0].try_cast("bigint") if dense else F.lit(None).cast("bigint"),
        entry=F.lit(0),
        order=F.col("stated"),
        reasons=[
            *_reasons(mapped, key, placed),
            *(F.when(F.col("cdc_op") == "U", old.misfit) for old in before.values()),
        ],
    )


def _read(
    parsed: DataFrame,
    leg: ChangesLeg,
    shape: DatasetSchema,
    reader: Reader,
    loads: Sequence[Load],
    before_images: str | None,
) -> tuple[DataFrame, dict[str, MappedValue], dict[str, MappedValue], dict[str, Column]]:
    """What is read of a record: the frame; by column what it says, and said before; the texts of its order.

    Columns out besides: `item_at`, `_is_load`, `_leaves` and `_gone` (by `where` and `deleted`), `stated`.
    """
    conditions: dict[str, Value] = {"where": Sql(sql=leg.where)} if leg.where else {}
    conditions |= {"deleted": leg.deleted} if leg.deleted is not None else {}
    frame = parsed.withColumns({"item_at": F.lit(0), "_is_load": F.col("kind") == "load"})
    values = {f"set {c}": (value, shape.columns[c]) for c, value in leg.select.items()}
    frame, read = reader.read(frame, {**values, **_before(leg, shape, before_images)})
    fields: dict[str, Value] = {f"order {field.field}": Path(path=field.field) for field in leg.order}
    asked = {value.sql for value in conditions.values() if isinstance(value, Sql)}
    frame, texts = reader.texts(frame, {**fields, **conditions}, asked)
    placed = {field.field: texts[f"order {field.field}"][0] for field in leg.order}
    frame = frame.withColumns(
        {
            "_leaves": _asked("where", conditions, texts, False, reader),
            "_gone": _asked("deleted", conditions, texts, True, reader),
            "stated": _stated([*placed.values()], F.col("_is_load"), loads),
        }
    )
    before = {c: read[f"before {c}"] for c in shape.key if f"before {c}" in read}
    return frame, {c: read[f"set {c}"] for c in leg.select}, before, placed


def _before(leg: ChangesLeg, shape: DatasetSchema, before_images: str | None) -> dict[str, tuple[Value, str]]:
    """What to read of the key before an update; of a part that is no bare column there is nothing to read."""
    parts = {c: leg.select[c] for c in shape.key} if before_images is not None else {}
    return {
        f"before {c}": (Path(path=f"{before_images}{value.path}"), shape.columns[c])
        for c, value in parts.items()
        if isinstance(value, Path)
    }


def _moved(
    frame: DataFrame, key: dict[str, MappedValue], before: Mapping[str, MappedValue]
) -> tuple[DataFrame, dict[str, MappedValue]]:
    """The frame with a second row for each update of a key, with `item_at` 1; the key of either row."""
    differs = (
        old.is_stated & old.misfit.isNull() & old.value.isNotNull() & ~old.value.eqNullSafe(key[c].value)
        for c, old in before.items()
    )
    moves = (F.col("cdc_op") == "U") & reduce(or_, differs)
    rows = F.when(moves, F.array(F.lit(0), F.lit(1))).otherwise(F.array(F.lit(0)))
    both = frame.drop("item_at").withColumn("item_at", F.explode(rows))
    keys = {
        c: MappedValue(F.when(F.expr(_OLD), before[c].value).otherwise(one.value), one.is_stated, one.misfit)
        if c in before
        else one
        for c, one in key.items()
    }
    return both, keys


def _reasons(
    mapped: Mapping[str, MappedValue], key: Mapping[str, MappedValue], order: Mapping[str, Column]
) -> list[Column]:
    """Why a record is refused (R1, R2); a load row needs no order."""
    is_delete, is_load = F.col("cdc_op") == "D", F.col("_is_load")
    return [
        *(F.when(~part.is_stated, F.lit(f"no {c} (key)")) for c, part in key.items()),
        F.when(_null_key(key), F.lit("the key is null")),
        *(part.misfit for part in key.values()),
        # A delete row is only as complete as the log: what it says of the other columns is not looked at.
        *(F.when(~is_delete, one.misfit) for c, one in mapped.items() if c not in key),
        *(F.when(~is_load, positions.unordered(field, text)) for field, text in order.items()),
    ]


def _asked(
    name: str,
    conditions: Mapping[str, Value],
    texts: Mapping[str, tuple[Column, Column]],
    when: bool,
    reader: Reader,
) -> Column:
    """Whether a condition is (`when`) or is not true; it is not asked where its columns are not said."""
    if name not in conditions:
        return F.lit(False)
    (text, is_stated), value = texts[name], conditions[name]
    if isinstance(value, Sql):
        paths = reader.rewritten(value.sql).paths
        is_stated = reduce(
            lambda a, b: a & b, (reader.dialect.lookup(path).is_stated for path in paths), F.lit(True)
        )
    true = F.coalesce(text.try_cast("boolean"), F.lit(False))
    return is_stated & (true if when else ~true)


def _stated(texts: Sequence[Column], is_load: Column, loads: Sequence[Load]) -> Column:
    """Generation, load before change, then the fields, or the commit stamp where there is none (R5, R6)."""
    generation = place_of(generation_of(loads))
    fields = [ordinal(text) for text in texts] or [ordinal(F.col("occurred_at").cast("string"))]
    spaced = [piece for field in fields for piece in (F.lit(" "), field)]
    load = F.concat(generation, F.lit(" load"))
    return F.when(is_load, load).otherwise(F.concat(generation, F.lit(" log"), *spaced))


def _all_stated(sets: dict[str, MappedValue], covered: Sequence[str], shape: DatasetSchema) -> Column:
    others = [c for c in covered if c not in shape.key]
    return reduce(lambda a, b: a & b, (sets[c].is_stated for c in others), F.lit(True))


def _null_key(key: Mapping[str, MappedValue]) -> Column:
    null = (part.is_stated & part.value.isNull() & part.misfit.isNull() for part in key.values())
    return reduce(lambda a, b: a & b, null)
