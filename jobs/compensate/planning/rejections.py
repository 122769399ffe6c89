"""The plan, compensations as they were, people's decisions -> what a person rejected before (R26)."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.spark.columns import digest

REJECTED = "_rejected"
_REASON_LENGTH = 200


def with_rejections(plan: DataFrame, before: DataFrame, decisions: DataFrame) -> DataFrame:
    """Add `_rejected`: who rejected the same repair of the same key, in whatever episode, and why; or null.

    In: `plan.plan`; the table `compensations`; the newest decision on each subject. A repair is the same
    while guard and row are, as they are stored. Of several decisions on it the newest counts, once those that
    were taken back are left out: an approval after a rejection lets the policy decide again.
    """
    # Decisions are few, and the history is long: it is cut to what people decided on before it is grouped.
    decided = decisions.where(F.col("decision").isin("approve", "reject")).alias("w")
    history = before.select("compensation_id", "discrepancy_id", content("").alias("_content")).alias("b")
    on = F.col("b.compensation_id") == F.col("w.subject_id")
    newest = F.max_by(F.struct("w.decision", _signed().alias("by")), F.struct("decided_at", "decision_id"))
    grouped = decided.join(history, on=on).groupBy("discrepancy_id", "_content").agg(newest.alias("_last"))
    rejected = grouped.where("_last.decision = 'reject'").alias("r")
    same = (F.col("p.discrepancy_id") == F.col("r.discrepancy_id")) & (content("p.") == F.col("r._content"))
    return (
        plan.alias("p").join(rejected, on=same, how="left").select("p.*", F.col("r._last.by").alias(REJECTED))
    )


def content(prefix: str) -> Column:
    """Return a digest of a repair's guard and row, as they are stored; `prefix`: of the frame's alias."""
    return digest(F.col(f"{prefix}guard"), F.col(f"{prefix}row"))


def _signed() -> Column:
    """Who rejected it and why, on one line; a semicolon would part one reason from the next."""
    text = F.concat(F.col("w.decided_by"), F.lit(": "), F.col("w.reason"))
    plain = F.regexp_replace(F.regexp_replace(text, ";", ","), r"\s+", " ")
    cut = F.concat(F.substring(plain, 1, _REASON_LENGTH), F.lit("…"))
    return F.when(F.length(plain) > _REASON_LENGTH, cut).otherwise(plain)
