"""Which pairs of legs agree -> does the key agree, and if not, where was the disagreement born (R15, R20)."""

from functools import reduce
from operator import or_

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.reconcile.pairs import PAIRS, Comparison


def fault(comparison: Comparison) -> Column:
    """Return the fault, null where the legs agree: over the columns of `with_pairs`."""
    return _of_three(comparison) if len(comparison.legs) == 3 else _of_two(comparison)


def _of_two(comparison: Comparison) -> Column:
    (pair,) = comparison.pairs
    agree = F.col(f"agree_{PAIRS[pair]}")
    return F.when(~agree, F.lit("unattributed"))


def _of_three(comparison: Comparison) -> Column:
    ec, ct, et = (F.col(f"agree_{name}") for name in ("ec", "ct", "et"))
    agreeing = ec.cast("int") + ct.cast("int") + et.cast("int")
    # Tolerance is not transitive: two pairs may be equal and the third not (R20, last sentence).
    with_truth = (ec & et) if comparison.truth == "events" else (ec & ct)
    beyond = _differ_beyond(comparison)
    return (
        F.when((agreeing == 3) | ((agreeing == 2) & with_truth), F.when(beyond, F.lit("unattributed")))
        .when(agreeing == 2, F.when(beyond, F.lit("unattributed")).otherwise(F.lit("several")))
        .when(ec, F.lit("store"))
        .when(ct, F.lit("processor"))
        .when(et, F.lit("capture"))
        .otherwise(F.lit("several"))
    )


def _differ_beyond(comparison: Comparison) -> Column:
    """Whether some pair differs on a column that the third leg does not know."""
    common = F.array(*(F.lit(c) for c in comparison.compared(*comparison.legs))).cast("array<string>")
    unknown = [
        F.coalesce(F.col(f"{leg}.unknown"), F.array().cast("array<string>")) for leg in comparison.legs
    ]
    judged = reduce(F.array_except, unknown, common)
    pairs_beyond = [
        F.size(F.array_except(F.col(f"differ_{PAIRS[pair]}"), judged)) > 0 for pair in comparison.pairs
    ]
    return reduce(or_, pairs_beyond)
