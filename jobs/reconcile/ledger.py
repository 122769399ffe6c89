"""Verdicts and totals of one reconcile -> its rows in the five tables it writes (R14, R22, R23)."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.lake import tables
from jobs.masking.columns import Masking
from jobs.reconcile import lifecycle, totals
from jobs.reconcile.align import is_true, seen
from jobs.reconcile.describe import hints, leg_row, mismatched_columns, unknown_columns
from jobs.reconcile.inputs import Sides
from jobs.reconcile.judge import Judged
from jobs.reconcile.pairs import Comparison
from jobs.reconcile.repair_inputs import later, repair_rows, unmasked
from jobs.reconcile.waivers import apply_decisions
from jobs.run.context import RunContext
from jobs.run.counts import KEY_CLASSES, TOTAL, KeyCounts
from jobs.run.reconciliations import judged
from jobs.spark.cache import CacheScope
from jobs.spark.columns import as_type
from jobs.spark.schemas import table_schema

WAITING = ("pending", "unjudged")
LEGS = ("events", "changes", "target")


@dataclass(frozen=True)
class LegVerdicts(KeyCounts):
    """The keys of a leg by class and, of those that wait, by reason too: a row of `reconciliations`."""

    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def record(
    context: RunContext,
    sides: Sides,
    judged: Judged,
    counts: Mapping[str, LegVerdicts],
    failure: str | None,
    caches: CacheScope,
) -> tuple[str, ...]:
    """Write what was counted and, where the evidence is sound and T is the newest, advance the lifecycle.

    Evidence that failed a gate moves nothing (R18): what would have been written of each discrepancy is
    withheld, in a table of that name. Returns the tables written. `discrepancies` goes last: after a crash
    in between, the retry still finds what changed.
    """
    app, version = f"reconcile/{context.run_id}", 1
    moves_on = failure is None and not _was_judged_later(context)
    if moves_on or failure is not None:
        described = describe(judged.verdicts, sides, context.masking)
        before = apply_decisions(sides.before, sides.decisions, context.as_of)
        rows = caches.keep(lifecycle.advanced(described, before, context.shape, context.name, context.as_of))
    if moves_on:
        history = lifecycle.changed(rows, context.as_of, context.run_id)
        context.storage.append(history, context.path(tables.DISCREPANCY_HISTORY), app, version)
    _record_counts(context, sides, judged, counts, failure)
    if failure is not None:
        context.storage.overwrite(_discrepancies(context, rows), context.path(tables.WITHHELD), app, version)
    if not moves_on:
        return tables.RECONCILIATIONS, tables.COLUMN_STATISTICS
    verdicts = repair_rows(rows, context.shape, context.run_id)
    context.storage.overwrite(verdicts, context.path(tables.VERDICTS), app, version)
    path, named = context.path(tables.DISCREPANCIES), ["discrepancy_id"]
    context.storage.merge(_discrepancies(context, rows), path, named, app, version)
    return (
        tables.RECONCILIATIONS, tables.COLUMN_STATISTICS,
        tables.DISCREPANCIES, tables.DISCREPANCY_HISTORY, tables.VERDICTS,
    )  # fmt: skip


def _record_counts(
    context: RunContext, sides: Sides, judged: Judged, counts: Mapping[str, LegVerdicts], failure: str | None
) -> None:
    """Write the counts, in place of those that an earlier try of the same run left."""
    app, path = f"reconcile/{context.run_id}", context.path(tables.RECONCILIATIONS)
    last = context.storage.txn_version(path, app) or 0
    version = _try_number(last, failure is not None)
    replacing = f"run_id = '{context.run_id}'" if last else None
    status = "finished" if failure is None else "failed"
    rows = _reconciliations(context, counts, status)
    context.append_rows(tables.RECONCILIATIONS, rows, app, version, replacing)
    statistics = _statistics(context, judged, sides.comparison)
    context.append_rows(tables.COLUMN_STATISTICS, statistics, app, version, replacing)


def _try_number(last: int, fails: bool) -> int:
    """Number a try of a run after the last one, 0 where there was none: odd while tries fail.

    So a try that fails as the last did writes nothing, and one that passes replaces what that one wrote.
    """
    if last and (last % 2 == 1) == fails:
        return last
    return last + (1 if (last % 2 == 0) == fails else 2)


def _discrepancies(context: RunContext, rows: DataFrame) -> DataFrame:
    stamped = rows.withColumn("run_id", F.lit(context.run_id))
    return stamped.select(
        *(as_type(F.col(f.name), f.dataType) for f in table_schema(tables.DISCREPANCIES, context.shape))
    )


def describe(verdicts: DataFrame, sides: Sides, masking: Masking) -> DataFrame:
    """Add the columns of `lifecycle.VERDICT` for people, and `_clear` and `_later` of discrepant keys."""
    comparison = sides.comparison
    compared = verdicts.withColumns(
        {"mismatched_columns": mismatched_columns(comparison), "unknown_columns": unknown_columns(comparison)}
    )
    suspect = F.lit(False)
    for leg in comparison.legs:
        suspect = suspect | is_true(f"{leg}.suspect")
    lag = F.unix_timestamp(F.lit(sides.at)) - F.unix_timestamp("stale_since")
    judged = ~F.col("class").isin("unjudged", "out_of_scope")
    discrepant = F.col("class") == "discrepant"
    legs_with_later_changes = [leg for leg, evidence in sides.evidence.items() if evidence.has_later_changes]
    rows = {
        f"{leg}_row": leg_row(leg, comparison, masking)
        if leg in comparison.legs
        else F.lit(None).cast("string")
        for leg in LEGS
    }
    return compared.withColumns(
        {
            "suspect": suspect,
            "why": hints(comparison, F.col("hot")),
            "lag_seconds": F.when(F.col("kind") == "stale", lag),
            "kind": F.when(judged, F.col("kind")),
            "fault": F.when(judged, F.col("fault")),
            **rows,
            "_clear": F.when(discrepant, unmasked(comparison)),
            "_later": F.when(discrepant, later(legs_with_later_changes)),
        }
    )


def _was_judged_later(context: RunContext) -> bool:
    """Whether a later T was judged already: a lifecycle only moves forward (R23)."""
    existing = context.storage.read(context.path(tables.RECONCILIATIONS))
    if existing is None:
        return False
    later = judged(existing).where((F.col("as_of") > F.lit(context.as_of)) & (F.col("leg") == "total"))
    return not later.isEmpty()


def count(comparison: Comparison, judged: Judged) -> dict[str, LegVerdicts]:
    """Count the keys of every leg, and of all (`total`), by class, with reasons and control totals."""
    seen_by = {leg: seen(leg) for leg in comparison.legs} | {TOTAL: F.lit(True)}
    # All that agree are matched, except those that agree by an absence that no leg could confirm.
    unseen = F.col("fault").isNull() & (F.col("class") != "matched")
    by_reason = judged.verdicts.groupBy("class", "reason").agg(
        *(F.count_if(is_seen).alias(leg) for leg, is_seen in seen_by.items()),
        *(F.count_if(is_seen & unseen).alias(f"unseen_{leg}") for leg, is_seen in seen_by.items()),
    )
    counts_by_reason = [row.asDict() for row in by_reason.collect()]
    return {
        leg: _of_leg(leg, figures, counts_by_reason)
        for leg, figures in totals.legs(judged.totals, comparison).items()
    }


def _of_leg(leg: str, figures: Mapping[str, Any], counts_by_reason: list[dict[str, Any]]) -> LegVerdicts:
    keys = {
        name: {each["reason"]: each[leg] for each in counts_by_reason if each["class"] == name}
        for name in KEY_CLASSES
    }
    by_class = {name: sum(by_reason.values()) for name, by_reason in keys.items()}
    by_class["matched"] = figures["agreed"] - sum(each[f"unseen_{leg}"] for each in counts_by_reason)
    return LegVerdicts(
        leg=leg,
        keys_seen=figures["keys_seen"],
        **by_class,
        control_totals=figures["control_totals"],
        reasons={name: {reason: n for reason, n in keys[name].items() if n} for name in WAITING},
    )


def _reconciliations(
    context: RunContext, counts: Mapping[str, LegVerdicts], status: str
) -> list[dict[str, Any]]:
    return [
        {
            **asdict(of_leg),
            "as_of": context.as_of,
            "run_id": context.run_id,
            "status": status,
            "control_totals": json.dumps(of_leg.control_totals),
            "reasons": json.dumps(of_leg.reasons, sort_keys=True),
        }
        for of_leg in counts.values()
    ]


def _statistics(context: RunContext, judged: Judged, comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {**row, "as_of": context.as_of, "run_id": context.run_id}
        for row in totals.columns(judged.totals, comparison)
    ]
