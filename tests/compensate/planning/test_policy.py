"""R24 to R26: the first rule that fits, and all that speaks against approving by it."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from pyspark.sql import SparkSession

from jobs.compensate.planning.policy import reason, rule
from jobs.settings import Compensate
from jobs.spark.rows import frame_of

SCHEMA = (
    "name string, kind string, fault string, suspect boolean, copies bigint, later string, "
    "_obstacles array<string>, episode int, try_number int, _word string, _rejected string"
)
POLICY = Compensate.model_validate(
    {
        "policy": [
            {"fault": "store", "kind": ["missing", "stale"], "approve": "auto"},
            {"fault": "store", "approve": "manual"},
            {"fault": "unattributed", "kind": "stale", "approve": "auto"},
            {"fault": "unattributed", "kind": "mismatch", "approve": "manual"},
            {"kind": "missing", "approve": "auto"},
        ]
    }
)


@dataclass(frozen=True)
class Case:
    """What differs from a missing row whose fault is the store's -> rule and reason."""

    rule: str
    reason: str | None
    more: dict[str, Any] = field(default_factory=dict)


CASES = {
    "both lists fit": Case("policy[0]", None),
    "the first fits, not the last": Case("policy[0]", None, {"kind": "stale"}),
    "its kind does not fit": Case("policy[1]", "manual", {"kind": "mismatch"}),
    "any fault": Case("policy[4]", None, {"fault": "processor"}),
    "none": Case("default", "manual", {"fault": "several", "kind": "stale"}),
    "suspect": Case("policy[0]", "suspect", {"suspect": True}),
    "duplicated": Case("policy[0]", "duplicated", {"copies": 2}),
    "third episode": Case("policy[0]", "episode", {"episode": 3}),
    "second episode": Case("policy[0]", None, {"episode": 2}),
    "refused before": Case("policy[0]", "refused before", {"try_number": 2}),
    "rejected before": Case("policy[0]", "rejected before by kim: keep it", {"_rejected": "kim: keep it"}),
    "taken back": Case("policy[0]", "revoked", {"_word": "revoke"}),
    "waited": Case("policy[0]", 'waited: {"leg":"changes"}', {"later": '{"leg":"changes"}'}),
    "unwritable": Case("policy[0]", "unwritable: a has no write, b is nested",
                       {"_obstacles": ["a has no write", "b is nested"]}),
    "unattributed, named": Case("policy[2]", None, {"fault": "unattributed", "kind": "stale"}),
    "unattributed, named manual": Case("policy[3]", "manual", {"fault": "unattributed", "kind": "mismatch"}),
    "unattributed, not named": Case("policy[4]", "unattributed", {"fault": "unattributed"}),
    "several at once": Case("policy[1]", "suspect; duplicated; episode; refused before",
                            {"kind": "duplicated", "suspect": True, "copies": 3, "episode": 4,
                             "try_number": 2}),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(spark: SparkSession) -> dict[str, tuple[str, str | None]]:
    plain = {
        "kind": "missing", "fault": "store", "suspect": False, "copies": 0, "episode": 1, "try_number": 1,
        "_obstacles": [],
    }  # fmt: skip
    rows = frame_of(spark, [{"name": name, **plain, **case.more} for name, case in CASES.items()], SCHEMA)
    ruled = rows.withColumn("rule", rule(POLICY)).withColumn("reason", reason(POLICY))
    bare = rows.withColumn("rule", rule(Compensate())).withColumn("reason", reason(Compensate()))
    found = {row["name"]: (row["rule"], row["reason"]) for row in ruled.collect()}
    without = bare.where("name = 'both lists fit'").collect()[0]
    return {**found, "without a policy": (without["rule"], without["reason"])}


@pytest.mark.parametrize("name", CASES)
def test_r24_to_r26_rule_and_reason(name: str, told: dict[str, tuple[str, str | None]]) -> None:
    assert told[name] == (CASES[name].rule, CASES[name].reason)


def test_without_a_policy_all_is_manual(told: dict[str, tuple[str, str | None]]) -> None:
    assert told["without a policy"] == ("default", "manual")
