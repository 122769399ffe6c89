"""A judged key -> what its reason rests on, as JSON: the leg, since when, the numbers missing (R17)."""

from collections.abc import Callable, Iterable, Mapping

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.reconcile.align import is_true
from jobs.reconcile.baseline import is_before_baseline
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.pairs import Comparison, by_left_out
from jobs.reconcile.verdict import agrees_with_none, damaged
from jobs.spark.columns import object_json
from jobs.spark.invalid_keys import invalid_text

_NOTHING = "array<struct<leg: string>>"
Entry = Callable[[str, Comparison], Column]


def reason_detail(comparison: Comparison, legs: dict[str, LegEvidence], damaged_target: bool) -> Column:
    """Return the detail of a key's reason, null where there is none; over `class`, `reason`, `_left_out`.

    - `invalid_key`: `{"columns": [{"column", "type"}]}`, key columns that the store's value does not fit.
    - `before_baseline`: `{"legs": [{"leg", "since", "loaded"}]}`; of a change log that was never loaded in
      full (`loaded` false) `since` is its first record.
    - `sequence_gap`: `{"legs": [{"leg", "missing", "gaps": [{"first", "last", "after", "before"}]}]}`.
    - `rejected_record`, `overflow`, `damaged_leg`: `{"legs": [{"leg"}]}`.
    - of a discrepant key, from whose judgement a leg is left out: `{"left_out", "since", "loaded"}`.
    """
    hurt = damaged(legs, damaged_target)
    entries: dict[str, tuple[Iterable[str], Entry]] = {
        "before_baseline": (legs, lambda leg, _: _baseline(leg, legs)),
        "sequence_gap": (legs, lambda leg, _: _gap(leg)),
        "rejected_record": (legs, lambda leg, _: F.when(is_true(f"{leg}.rejected"), _named(leg))),
        "overflow": (legs, lambda leg, _: F.when(is_true(f"{leg}.overflow"), _named(leg))),
        "damaged_leg": (hurt, lambda leg, view: F.when(agrees_with_none(leg, view), _named(leg))),
    }
    column = F.lit(None).cast("string")
    for reason, (named_legs, entry) in entries.items():
        column = F.when(F.col("reason") == reason, _listed(comparison, named_legs, entry)).otherwise(column)
    column = F.when(F.col("reason") == "invalid_key", _invalid(comparison.shape)).otherwise(column)
    return F.when(F.col("class") == "discrepant", left_out_detail(comparison, legs)).otherwise(column)


def left_out_detail(comparison: Comparison, legs: Mapping[str, LegEvidence]) -> Column:
    """Return which leg was left out of a key's judgement, and since when it speaks; null: none was."""
    column = F.lit(None).cast("string")
    for leg in comparison.may_leave_out:
        detail = object_json(F.lit(leg).alias("left_out"), *_begins(legs[leg]))
        column = F.when(F.col("_left_out") == leg, detail).otherwise(column)
    return column


def _listed(comparison: Comparison, legs: Iterable[str], entry: Entry) -> Column:
    """The entries, of the legs by which a key is judged, that are not null."""

    def of_view(view: Comparison) -> Column:
        entries = [entry(leg, view) for leg in legs if leg in view.legs]
        listed = F.array_compact(F.array(*entries)) if entries else F.array().cast(_NOTHING)
        return object_json(listed.alias("legs"))

    return by_left_out(comparison, of_view)


def _invalid(shape: DatasetSchema) -> Column:
    invalid = [
        F.when(
            invalid_text(F.col("target.misfits"), c).isNotNull(),
            F.struct(F.lit(c).alias("column"), F.lit(shape.columns[c]).alias("type")),
        )
        for c in shape.key
    ]
    return object_json(F.array_compact(F.array(*invalid)).alias("columns"))


def _named(leg: str, *more: Column) -> Column:
    return F.struct(F.lit(leg).alias("leg"), *more)


def _baseline(leg: str, legs: dict[str, LegEvidence]) -> Column:
    return F.when(is_before_baseline(leg, legs), _named(leg, *_begins(legs[leg])))


def _begins(evidence: LegEvidence) -> list[Column]:
    since = F.lit(evidence.since).cast("timestamp")
    return [since.alias("since"), F.lit(evidence.loaded).alias("loaded")]


def _gap(leg: str) -> Column:
    fields = (F.col(f"{leg}_activity.{name}").alias(name) for name in ("missing", "gaps"))
    return F.when(is_true(f"{leg}_activity.gap"), _named(leg, *fields))
