"""``compensate:`` of a dataset -> Compensate, Rule, Limits: what may be repaired without a person."""

import typing as t

from pydantic import BeforeValidator, Field

from jobs.settings.model import Model
from jobs.settings.scalars import Name, Percent, listed

Fault = t.Literal["store", "processor", "capture", "several", "unattributed"]
Kind = t.Literal["missing", "undeleted", "unexpected", "duplicated", "stale", "mismatch"]
Faults = t.Annotated[
    list[Fault], BeforeValidator(listed, json_schema_input_type=Fault | list[Fault]), Field(min_length=1)
]
Kinds = t.Annotated[
    list[Kind], BeforeValidator(listed, json_schema_input_type=Kind | list[Kind]), Field(min_length=1)
]


class Rule(Model):
    """A line of the policy: which discrepancies, and who approves their repair."""

    fault: Faults | None = Field(
        None, description="Fault, or list of faults, that the rule is for; unsaid: any."
    )
    kind: Kinds | None = Field(None, description="Kind, or list of kinds, that the rule is for; unsaid: any.")
    approve: t.Literal["auto", "manual"] = Field(
        description="`auto`: approved at once; `manual`: a person's word."
    )


class Limits(Model):
    """The circuit breaker: beyond one of them, nothing is approved automatically until a person's word."""

    count: int = Field(1000, ge=0, description="Repairs approved and not yet confirmed.")
    percent: Percent = Field(1.0, description="The same, as percent of the keys in the target.")
    minimum: int = Field(
        10, ge=0, description="Fewer repairs than this are not held to the percentage, only to `count`."
    )


class Compensate(Model):
    """How repairs are approved and where they go."""

    channel: Name | None = Field(
        None, description="Name of a channel in tieout.yml; unsaid: nothing is published."
    )
    policy: list[Rule] = Field([], description="The first rule that fits decides; none: manual.")
    limits: Limits = Field(Limits(), description="The circuit breaker.")
    attempts: int = Field(
        3,
        ge=1,
        description="How often `tieout apply` tries a repair that the store does not take, a call each, "
        "before it is `failed` and waits for a person.",
    )
