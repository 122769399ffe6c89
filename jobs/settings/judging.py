"""``reconcile:``, ``gate:``, ``mask:`` of a dataset -> Reconcile, Compare, Gate, Mask: how it is judged."""

import typing as t
from datetime import timedelta
from decimal import Decimal

from pydantic import BeforeValidator, Field

from jobs.settings.model import Model, wrong
from jobs.settings.scalars import ColumnName, Duration, Percent, SecretRef, Text

Unit = t.Literal["day", "hour", "minute", "second", "millisecond"]


def _precision(value: t.Any) -> t.Any:
    if value in t.get_args(Unit) or value is None or (type(value) is int and 0 <= value <= 38):
        return value
    raise wrong("is no precision", value, ["0 to 38 digits", *t.get_args(Unit)])


Precision = t.Annotated[int | Unit, BeforeValidator(_precision, json_schema_input_type=int | Unit)]
Bound = t.Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class Compare(Model):
    """When two values of a column count as equal. Unsaid: exactly equal, null equals null."""

    absolute: Bound | None = Field(
        None, description="Numbers: largest difference; with `relative` the larger bound."
    )
    relative: Bound | None = Field(
        None, description="Numbers: largest difference, as a part of the larger one."
    )
    seconds: Bound | None = Field(None, description="Stamps: largest difference in seconds.")
    trim: bool = Field(False, description="Text: without blanks at both ends.")
    ignore_case: bool = Field(False, description="Text: upper and lower case are the same.")
    precision: Precision | None = Field(
        None,
        description="Numbers: digits after the point that count; stamps: the unit down to which they count.",
    )
    expression: Text | None = Field(
        None,
        description="Spark SQL over `value`, applied to each side; the results are compared.",
    )
    ignore: bool = Field(False, description="The column is not compared.")


class Reconcile(Model):
    """How the legs are held against each other."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "grace": "give a duration such as 15 minutes, or leave it out",
        "compare.*": "say when two values are equal, such as {trim: true}, or leave it out",
    }

    truth: t.Literal["events", "changes"] = Field(
        "events", description="The leg that is right where they differ; the only leg if there is one."
    )
    grace: Duration = Field(
        timedelta(minutes=15), description="Changes this near to the instant are in flight, not wrong."
    )
    scope: Text | None = Field(
        None, description="Spark SQL over the dataset's columns: what is judged at all."
    )
    compare: dict[ColumnName, Compare] = Field({}, description="Column -> when two values count as equal.")


class Mask(Model):
    """Columns whose values are never shown in clear."""

    when_empty: t.ClassVar[dict[str, str]] = {"columns": "name the columns to mask, such as [email]"}

    columns: list[ColumnName] = Field(
        min_length=1, description="The columns masked wherever values are shown."
    )
    key: SecretRef | None = Field(
        None,
        description="Secret of the mask: `secret://secretsmanager/<id>#<key>` or `${NAME}`.",
    )


class Gate(Model):
    """When a run fails (exit 3)."""

    unjudged: Percent = Field(1.0, description="Percent of the keys seen that may be unjudged.")
    rejected: Percent = Field(1.0, description="Percent of the run's records that may be rejected.")
    minimum: int = Field(
        10, ge=0, description="Fewer unjudged keys than these stop no run, whatever their percentage."
    )
    max_age: Duration | None = Field(
        None,
        description="How old the newest snapshot's instant T may be at the listing, such as `26 hours`. "
        "Not asked where `--as-of` chooses T.",
    )
