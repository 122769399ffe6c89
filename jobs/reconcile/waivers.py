"""Discrepancies as they stood, people's newest decisions -> as they stand with these applied (R22)."""

from datetime import datetime

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def apply_decisions(before: DataFrame, decisions: DataFrame | None, at: datetime) -> DataFrame:
    """Apply to each discrepancy the newest decision about it, once.

    In: the table `discrepancies`; the newest decision on each subject (`intake.latest_decisions`), None where
    nobody ever decided anything. Out: the table's columns as they stand then, `_was_status` (before the
    decision), `_decided` (whether a decision was new).
    """
    unheard = before.withColumns({"_was_status": F.col("status"), "_decided": F.lit(False)})
    if decisions is None:
        return unheard
    on_waivers = decisions.where(F.col("decision").isin("waive", "revoke")).alias("w")
    joined = before.alias("b").join(
        on_waivers, on=F.col("b.discrepancy_id") == F.col("w.subject_id"), how="left"
    )
    new = F.col("w.decision_id").isNotNull() & ~F.col("w.decision_id").eqNullSafe(F.col("b.last_decision"))
    open_, waived = F.col("b.status") == "open", F.col("b.status") == "waived"
    # One waived already takes the newer end, whatever it is; an open one is not waived to an end that has
    # passed.
    lasting = F.col("w.expires_at").isNull() | (F.col("w.expires_at") > F.lit(at))
    waives = new & (F.col("w.decision") == "waive") & (waived | (open_ & lasting))
    revokes = new & (F.col("w.decision") == "revoke") & waived
    after = {
        "status": F.when(waives, F.lit("waived")).when(revokes, F.lit("open")).otherwise(F.col("b.status")),
        "waived_until": F.when(waives, F.col("w.expires_at")).when(~revokes, F.col("b.waived_until")),
        "last_decision": F.when(new, F.col("w.decision_id")).otherwise(F.col("b.last_decision")),
    }
    columns = [after[c].alias(c) if c in after else F.col(f"b.`{c}`") for c in before.columns]
    return joined.select(*columns, F.col("b.status").alias("_was_status"), new.alias("_decided"))
