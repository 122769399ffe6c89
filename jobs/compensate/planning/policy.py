"""A planned repair and the dataset's policy -> the rule that fits, why a person has to look (R24 to R26)."""

from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.settings import Compensate
from jobs.settings.repair import Rule

EPISODES = 3
DEFAULT = "default"
REVOKED = "revoked"
WAIVED = "waived"
REJECTED_BEFORE = "rejected before by "


def rule(compensate: Compensate) -> Column:
    """Return the name of the first rule whose fault and kind fit: `policy[0]` …, else `default`."""
    named = F.when(F.lit(False), F.lit(DEFAULT))
    for n, each in enumerate(compensate.policy):
        named = named.when(_fits(each), F.lit(f"policy[{n}]"))
    return named.otherwise(F.lit(DEFAULT))


def reason(compensate: Compensate) -> Column:
    """Return why the repair waits for a person; null where the policy approves it.

    Over `rule` and the columns of `lifecycle.JUDGED`, `episode`, `try_number`, and `_word`, a person's newest
    decision on it. All reasons against it are listed; `manual`, where only the policy is.
    """
    why = F.array_join(F.array_compact(F.array(*_reasons_against(compensate))), "; ")
    automatic = [f"policy[{n}]" for n, each in enumerate(compensate.policy) if each.approve == "auto"]
    allowed = F.col("rule").isin(*automatic) if automatic else F.lit(False)
    return F.when(why != "", why).when(~allowed, F.lit("manual"))


def _reasons_against(compensate: Compensate) -> list[Column]:
    naming = [
        f"policy[{n}]" for n, each in enumerate(compensate.policy) if "unattributed" in (each.fault or [])
    ]
    named = F.col("rule").isin(*naming) if naming else F.lit(False)
    unwritable = F.concat(F.lit("unwritable: "), F.array_join("_obstacles", ", "))
    return [
        F.when(F.col("suspect"), F.lit("suspect")),
        F.when(F.col("copies") > 1, F.lit("duplicated")),
        F.when(F.col("episode") >= EPISODES, F.lit("episode")),
        F.when(F.col("try_number") > 1, F.lit("refused before")),
        F.when(F.col("_rejected").isNotNull(), F.concat(F.lit(REJECTED_BEFORE), F.col("_rejected"))),
        F.when(F.col("_word").eqNullSafe("revoke"), F.lit(REVOKED)),
        F.when(F.col("later").isNotNull(), F.concat(F.lit("waited: "), F.col("later"))),
        F.when(F.size("_obstacles") > 0, unwritable),
        F.when((F.col("fault") == "unattributed") & ~named, F.lit("unattributed")),
    ]


def _fits(rule: Rule) -> Column:
    conditions = {"fault": rule.fault, "kind": rule.kind}
    return reduce(and_, (F.col(c).isin(*names) for c, names in conditions.items() if names), F.lit(True))
