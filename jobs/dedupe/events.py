"""Parsed event records -> the canonical changes that their entries make (design 2, `apply`)."""

from collections.abc import Mapping, Sequence
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import positions
from jobs.dedupe.mapped_changes import Made
from jobs.dedupe.values import Reader, Said, Value
from jobs.fold import DatasetSchema
from jobs.settings import Entry, EventsLeg, OrderField, Path, Sql


def ignored(parsed: DataFrame, leg: EventsLeg) -> Column:
    """Whether a record's type is none of ours and other types are ignored."""
    return ~F.col("type").isin(*leg.apply) if leg.other_types == "ignore" else F.lit(False)


def map_events(
    parsed: DataFrame, leg: EventsLeg, shape: DatasetSchema, covered: Sequence[str], reader: Reader
) -> DataFrame:
    """Map accepted event records to the changes they make, one row each (`Made.rows`).

    A record any of whose values does not fit has `reasons` in every row. Records of types that `apply`
    does not name have one row with a reason where other types are rejected, else none.
    """
    branches = [
        _entry(parsed.where(F.col("type") == kind), number, entry, leg, shape, covered, reader)
        for number, (kind, _, entry) in enumerate(leg.entries)
    ]
    if leg.other_types == "reject":
        unknown = parsed.where(~F.col("type").isin(*leg.apply))
        reason = F.concat(F.lit("type "), F.col("type"), F.lit(" is not named in apply"))
        branches.append(Made(shape).refused(unknown, reason))
    return reduce(DataFrame.unionByName, branches)


def map_rejected_events(
    parsed: DataFrame, leg: EventsLeg, shape: DatasetSchema, covered: Sequence[str], reader: Reader
) -> DataFrame:
    """Map rejected event records to the changes they would have made, for the keys that these name (R7).

    A record that has no type, or one that `apply` does not name where such are rejected, may have meant any
    entry. One of a type that is ignored is none of ours.
    """
    kind = F.col("type")
    any_entry = kind.isNull() | (~kind.isin(*leg.apply) & F.lit(leg.other_types == "reject"))
    branches = [
        _entry(parsed.where((kind == its_kind) | any_entry), number, entry, leg, shape, covered, reader)
        for number, (its_kind, _, entry) in enumerate(leg.entries)
    ]
    return reduce(DataFrame.unionByName, branches)


def _entry(
    records: DataFrame,
    number: int,
    entry: Entry,
    leg: EventsLeg,
    shape: DatasetSchema,
    covered: Sequence[str],
    reader: Reader,
) -> DataFrame:
    items = (
        reader.dialect.with_items(records, entry.each)
        if entry.each
        else records.withColumn("item_at", F.lit(0))
    )
    order = entry.order or leg.order
    wanted = {f"key {c}": (value, shape.columns[c]) for c, value in (entry.key or leg.key).items()}
    wanted |= {f"set {c}": (value, shape.columns[c]) for c, value in entry.set.items()}
    wanted |= {f"add {c}": (value, shape.sums[c]) for c, value in entry.add.items()}
    # A sum may pass through what its column could not hold, so it is read wider; people know the column.
    own = {f"add {c}": shape.columns[c] for c in entry.add}
    frame, read = reader.read(items.where("item_at IS NOT NULL"), wanted, own)
    fields: dict[str, Value] = {f"order {field.field}": Path(path=field.field) for field in order}
    fields |= {"revert": entry.revert} if entry.revert is not None else {}
    frame, texts = reader.texts(frame, fields, [entry.revert.sql] if isinstance(entry.revert, Sql) else [])
    placed = [texts[f"order {field.field}"][0] for field in order]
    frame = frame.withColumn("stated", positions.stated(placed))
    key, sets, adds = (_of(kind, read) for kind in ("key", "set", "add"))
    named = texts["revert"][0] if entry.revert is not None else F.lit(None).cast("string")
    reasons = [
        *_absent(key),
        *(said.misfit for said in read.values()),
        *_orderless(order, placed),
        *([F.when(named.isNull(), F.lit("revert: no event named"))] if entry.revert is not None else []),
    ]
    return Made(shape).rows(
        frame,
        key=key,
        op=F.lit("delete" if entry.delete else "upsert"),
        sets=sets,
        adds=adds,
        reverts=named,
        creates=F.lit(entry.creates),
        full=_full(sets, covered, shape),
        stated_position=F.col("stated"),
        position=positions.of_event(F.col("stated"), F.col("content")),
        sequence=_sequence(order, placed),
        entry=F.lit(number),
        reasons=reasons,
    )


def _of(kind: str, read: Mapping[str, Said]) -> dict[str, Said]:
    prefix = f"{kind} "
    return {name.removeprefix(prefix): said for name, said in read.items() if name.startswith(prefix)}


def _absent(key: Mapping[str, Said]) -> list[Column]:
    """A part of the key that is absent, or a key null in all parts, rejects the record (R2)."""
    unsaid = [F.when(~part.said, F.lit(f"no {name} (key)")) for name, part in key.items()]
    nothing = reduce(
        lambda a, b: a & b, (part.value.isNull() & part.misfit.isNull() for part in key.values())
    )
    all_said = reduce(lambda a, b: a & b, (part.said for part in key.values()))
    return [*unsaid, F.when(all_said & nothing, F.lit("the key is null"))]


def _orderless(order: Sequence[OrderField], texts: Sequence[Column]) -> list[Column]:
    return [positions.unordered(f.field, text) for f, text in zip(order, texts, strict=True)]


def _full(sets: Mapping[str, Said], covered: Sequence[str], shape: DatasetSchema) -> Column:
    others = [c for c in covered if c not in shape.key]
    if not others or any(c not in sets for c in others):
        return F.lit(False)
    return reduce(lambda a, b: a & b, (sets[c].said for c in others))


def _sequence(order: Sequence[OrderField], texts: Sequence[Column]) -> Column:
    dense = [text for f, text in zip(order, texts, strict=True) if f.sequence == "dense"]
    return dense[0].try_cast("bigint") if dense else F.lit(None).cast("bigint")
