"""Legs' states and the store's rows of a few keys -> one row a key: who holds what, and where they differ."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema
from jobs.masking.columns import Masking
from jobs.reconcile.align import align, leg_side
from jobs.reconcile.baseline import leave_out, left_out, may_leave_out
from jobs.reconcile.describe import leg_row, mismatched_columns, unknown_columns
from jobs.reconcile.detail import left_out_detail
from jobs.reconcile.evidence import LegEvidence, activity, with_activity
from jobs.reconcile.fault import fault
from jobs.reconcile.kind import with_subject
from jobs.reconcile.pairs import Comparison, with_pairs
from jobs.reconcile.verdict import with_scope
from jobs.settings import Dataset
from jobs.settings.dataset import Side
from jobs.spark.invalid_keys import whole_key_json


@dataclass(frozen=True)
class Known:
    """The evidence of each log, with its changes of the keys, to find the legs that are ignorant of them."""

    evidence: Mapping[str, LegEvidence]
    changes: Mapping[str, DataFrame]
    at: datetime


def state_side(states: DataFrame, shape: DatasetSchema) -> DataFrame:
    """States fresh from the fold as a side of `beside`, without doubts on them."""
    sound = F.lit(False)
    return leg_side(states.withColumns({"_suspect": sound, "_rejected": sound}), shape)


def beside(
    sides: Mapping[Side, DataFrame],
    dataset: Dataset,
    masking: Masking,
    scope: str | None = None,
    known: Known | None = None,
) -> DataFrame:
    """Put the legs side by side as reconcile does, by its own rules, for keys that are few.

    Out: `key`, `<leg>_row` as JSON (null: the leg holds none), `fault` (null: they agree), `differs`, the
    columns on which they do not, `copies` in the store, `in_scope`, `detail` (which leg was left out, by what
    is `known` of the legs).
    """
    shape, frames = DatasetSchema.of(dataset), dict[str, DataFrame](sides.items())
    covered: dict[str, list[str]] = {leg: dataset.covered(leg) for leg in sides}
    evidence = known.evidence if known else {}
    may = may_leave_out(covered, evidence)
    comparison = Comparison(shape, covered, dataset.reconcile.compare, dataset.reconcile.truth, may)
    no_keys = next(iter(sides.values())).select(*shape.key).where(F.lit(False))
    aligned = with_pairs(align(frames, no_keys, shape), comparison).withColumn("fault", fault(comparison))
    detail = F.lit(None).cast("string")
    if known and may:
        for leg, changes in known.changes.items():
            key_activity = activity(changes, shape, known.at, dataset.reconcile.grace)
            aligned = with_activity(aligned, leg, key_activity, shape)
        aligned = leave_out(aligned, comparison, left_out(comparison, evidence))
        detail = left_out_detail(comparison, evidence)
    judged = with_scope(with_subject(aligned, comparison), scope, comparison)
    rows = [leg_row(leg, comparison, masking).alias(f"{leg}_row") for leg in sides]
    return judged.select(
        whole_key_json(shape.key, shape.columns).alias("key"), "fault", "copies", "in_scope", *rows,
        mismatched_columns(comparison).alias("differs"), unknown_columns(comparison).alias("unknown"),
        detail.alias("detail"),
    )  # fmt: skip
