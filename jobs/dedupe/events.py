"""Parsed event records -> the canonical changes that their entries make (`apply`)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial, reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dedupe import positions
from jobs.dedupe.change_rows import Made, of_one, of_several
from jobs.dedupe.entries import Numbered, apart, numbered
from jobs.dedupe.fields import SHAPE, Known
from jobs.dedupe.values import AnyValue, ByType, MappedValue, Reader, Value
from jobs.fold import DatasetSchema
from jobs.settings import Entry, EventsLeg, OrderField, Path, Sql


def ignored(leg: EventsLeg) -> Column:
    """Whether a record's type is none of ours and other types are ignored."""
    return ~F.col("type").isin(*leg.apply) if leg.other_types == "ignore" else F.lit(False)


def is_one_pass(leg: EventsLeg) -> bool:
    """Whether `map_events` looks at the records once: no type makes several changes, none is rejected."""
    entries = [entry for _, _, entry in leg.entries]
    return len(entries) == len(leg.apply) and not any(e.each for e in entries) and leg.other_types == "ignore"


def map_events(
    parsed: DataFrame,
    leg: EventsLeg,
    shape: DatasetSchema,
    covered: Sequence[str],
    reader: Reader,
    known: Known | None = None,
) -> DataFrame:
    """Map accepted event records to the changes they make, one row each (`Made.rows`).

    Where it is told what is `known` of their fields, with the `SHAPE` of each record.

    A record any of whose values does not fit has `reasons` in some row and is refused in every one. Records
    of types that `apply` does not name have one row with a reason where such are rejected, else none.
    """
    lone, others = apart(numbered(leg))
    mapping = (leg, shape, covered, reader, known)
    made = [of_one(_entries(_of_types(parsed, lone), lone, *mapping))] if lone else []
    if others:
        each = (_entries(_of_types(parsed, [one]), [one], *mapping) for one in others)
        made.append(of_several(reduce(DataFrame.unionByName, each)))
    if leg.other_types == "reject":
        unknown = parsed.where(~F.col("type").isin(*leg.apply))
        reason = F.concat(F.lit("type "), F.col("type"), F.lit(" is not named in apply"))
        made.append(of_one(Made(shape).refused(unknown, reason)))
    return reduce(DataFrame.unionByName, made)


def map_rejected_events(parsed: DataFrame, leg: EventsLeg, shape: DatasetSchema, reader: Reader) -> DataFrame:
    """Map rejected event records to the keys of the changes they would have made (R7); values are not read.

    A record that has no type, or one that `apply` does not name where such are rejected, may have meant any
    entry. One of a type that is ignored is none of ours.
    """
    kind, kinds = F.col("type"), [*leg.apply]
    any_entry = kind.isNull() | (~kind.isin(*kinds) & F.lit(leg.other_types == "reject"))
    may_mean = F.when(any_entry, F.array(*map(F.lit, kinds))).when(kind.isin(*kinds), F.array(kind))
    # Read as each type that it may have meant.
    meant = parsed.withColumn("type", F.explode(may_mean))
    lone, others = apart([one.key_alone() for one in numbered(leg)])
    together = [*([lone] if lone else []), *([one] for one in others)]
    made = (_entries(_of_types(meant, each), each, leg, shape, shape.key, reader) for each in together)
    return of_several(reduce(DataFrame.unionByName, made))


def _of_types(parsed: DataFrame, entries: Sequence[Numbered]) -> DataFrame:
    return parsed.where(F.col("type").isin(*{one.kind for one in entries}))


def _entries(
    records: DataFrame,
    entries: Sequence[Numbered],
    leg: EventsLeg,
    shape: DatasetSchema,
    covered: Sequence[str],
    reader: Reader,
    known: Known | None = None,
) -> DataFrame:
    """The changes of entries of different types, one a record; or those of one entry, one an element.

    All types are mapped in one pass: of each column the text is chosen by the type, and fitted once.
    """
    each = entries[0].entry.each
    items = reader.dialect.with_items(records, each) if each else records.withColumn("item_at", F.lit(0))
    orders = {one.kind: one.entry.order or leg.order for one in entries}
    reverts = {one.kind: one.entry.revert for one in entries if one.entry.revert is not None}
    wanted = _by_column("key", {one.kind: one.entry.key or leg.key for one in entries}, shape.columns)
    wanted |= _by_column("set", {one.kind: one.entry.set for one in entries}, shape.columns)
    added = _by_column("add", {one.kind: one.entry.add for one in entries}, shape.sums)
    # A sum may pass through what its column could not hold, so it is read wider; people know the column.
    own = {name: shape.columns[name.removeprefix("add ")] for name in added}
    frame, read = reader.read(items.where("item_at IS NOT NULL"), wanted | added, own)
    fields: dict[str, AnyValue] = {
        f"order {field.field}": Path(path=field.field) for order in orders.values() for field in order
    }
    fields |= {"revert": ByType(reverts)} if reverts else {}
    asked = [value.sql for value in reverts.values() if isinstance(value, Sql)]
    frame, texts = reader.texts(frame, fields, asked)
    frame = frame if known is None else frame.withColumn(SHAPE, known.shape(frame))
    placed = {name: text for name, (text, _) in texts.items()}
    frame = frame.withColumn(
        "stated", _by_order(orders, lambda order: positions.stated(_of_order(order, placed)))
    )
    key, sets, adds = (_of(kind, read) for kind in ("key", "set", "add"))
    named = texts["revert"][0] if reverts else F.lit(None).cast("string")
    reasons = [
        *_absent(key),
        *(mapped_value.misfit for mapped_value in read.values()),
        *(_by_order(orders, partial(_orderless, placed, n)) for n in range(max(map(len, orders.values())))),
    ]
    if reverts:
        reasons.append(F.when(F.col("type").isin(*reverts) & named.isNull(), "revert: no event named"))
    return Made(shape).rows(
        frame,
        key=key,
        op=F.when(_is_any(entries, lambda entry: entry.delete), F.lit("delete")).otherwise(F.lit("upsert")),
        sets=sets,
        adds=adds,
        reverts=named,
        creates=_is_any(entries, lambda entry: entry.creates),
        full=_full(entries, sets, covered, shape),
        stated_position=F.col("stated"),
        position=positions.of_event(F.col("stated"), F.col("tiebreak")),
        sequence=_by_order(orders, lambda order: _sequence(order, placed)),
        entry=_of_kinds({(one.kind,): F.lit(one.number) for one in entries}),
        reasons=reasons,
    )


def _by_column(
    what: str, values: Mapping[str, Mapping[str, Value]], types: Mapping[str, str]
) -> dict[str, tuple[AnyValue, str]]:
    """Name -> how each type of event says the column's value, and the type that it is to have."""
    columns = dict.fromkeys(column for by_name in values.values() for column in by_name)
    return {
        f"{what} {c}": (
            ByType({kind: by_name[c] for kind, by_name in values.items() if c in by_name}),
            types[c],
        )
        for c in columns
    }


def _is_any(entries: Sequence[Numbered], holds: Callable[[Entry], bool]) -> Column:
    kinds = [one.kind for one in entries if holds(one.entry)]
    return (
        F.lit(False)
        if not kinds
        else F.lit(True)
        if len(kinds) == len(entries)
        else F.col("type").isin(*kinds)
    )


def _of(kind: str, read: Mapping[str, MappedValue]) -> dict[str, MappedValue]:
    prefix = f"{kind} "
    return {
        name.removeprefix(prefix): mapped_value
        for name, mapped_value in read.items()
        if name.startswith(prefix)
    }


def _absent(key: Mapping[str, MappedValue]) -> list[Column]:
    """A part of the key that is absent, or a key null in all parts, rejects the record (R2)."""
    unsaid = [F.when(~part.is_stated, F.lit(f"no {name} (key)")) for name, part in key.items()]
    nothing = reduce(
        lambda a, b: a & b, (part.value.isNull() & part.misfit.isNull() for part in key.values())
    )
    all_said = reduce(lambda a, b: a & b, (part.is_stated for part in key.values()))
    return [*unsaid, F.when(all_said & nothing, F.lit("the key is null"))]


def _full(
    entries: Sequence[Numbered],
    sets: Mapping[str, MappedValue],
    covered: Sequence[str],
    shape: DatasetSchema,
) -> Column:
    """Whether a change says every column that the leg covers."""
    others = [c for c in covered if c not in shape.key]
    kinds = [one.kind for one in entries if others and all(c in one.entry.set for c in others)]
    if not kinds:
        return F.lit(False)
    return reduce(and_, (sets[c].is_stated for c in others), F.col("type").isin(*kinds))


def _by_order(
    orders: Mapping[str, Sequence[OrderField]], column: Callable[[Sequence[OrderField]], Column]
) -> Column:
    """The column that the order of the record's type gives."""
    kinds = defaultdict[tuple[OrderField, ...], list[str]](list)
    for kind, order in orders.items():
        kinds[tuple(order)].append(kind)
    return _of_kinds({tuple(of_order): column(order) for order, of_order in kinds.items()})


def _of_kinds(columns: Mapping[tuple[str, ...], Column]) -> Column:
    """The column of the record's own type, of types that are all there are."""
    *others, (_, rest) = columns.items()
    for kinds, column in others:
        rest = F.when(F.col("type").isin(*kinds), column).otherwise(rest)
    return rest


def _of_order(order: Sequence[OrderField], texts: Mapping[str, Column]) -> list[Column]:
    return [texts[f"order {field.field}"] for field in order]


def _orderless(texts: Mapping[str, Column], n: int, order: Sequence[OrderField]) -> Column:
    """Why the n-th field of the order gives no place; null where it gives one, or there is no such field."""
    if n >= len(order):
        return F.lit(None).cast("string")
    return positions.unordered(order[n].field, _of_order(order, texts)[n])


def _sequence(order: Sequence[OrderField], texts: Mapping[str, Column]) -> Column:
    each = zip(order, _of_order(order, texts), strict=True)
    dense = [text for field, text in each if field.sequence == "dense"]
    return dense[0].try_cast("bigint") if dense else F.lit(None).cast("bigint")
