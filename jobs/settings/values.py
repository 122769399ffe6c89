"""``data.amount``, ``{value: 1}``, ``{sql: …, write: …}`` -> Path, Literal, Sql: where a value comes from."""

import typing as t

from pydantic import BeforeValidator, Field

from jobs.settings.model import Model, unknown, wrong
from jobs.settings.scalars import Scalar, Text


class Path(Model):
    """The place of a value: ``data.amount`` in the record, a column of a table, ``item.x`` of an element."""

    path: Text = Field(
        description="Of a record a dotted path: absent is not said, null is null, a misfit rejects it. "
        "Of a table the column's name as it stands, dots and blanks included; only where there is no such "
        "column is a dotted text the way into a struct."
    )


class Literal(Model):
    """The same value for every record, null included."""

    value: Scalar = Field(description="The value itself; null is a value.")


class Sql(Model):
    """An expression over the record, trusted, with its way back to the store."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "sql": "give an expression of Spark SQL",
        "write": "give each column of the store an expression, such as cents: amount * 100, or leave it out",
        "write.*": "give an expression of Spark SQL over the dataset's columns",
    }

    sql: Text = Field(description="Spark SQL over the record (or over the store's row).")
    write: dict[str, Text] | None = Field(
        None,
        min_length=1,
        description="The way back: column of the store -> Spark SQL over the dataset's columns. "
        "Without it the column is compared but never written.",
    )


def _value(raw: t.Any) -> t.Any:
    if isinstance(raw, str):
        return Path.model_validate({"path": raw})
    if isinstance(raw, (Path, Literal, Sql)):
        return raw
    if raw is None:
        raise wrong("is empty; a null is written {value: null}")
    if not isinstance(raw, dict):
        raise wrong("is no path; a fixed value is written {value: …}", raw)
    for model in (Path, Literal, Sql):
        if next(iter(model.model_fields)) in raw:
            return model.model_validate(raw)
    if raw:
        raise wrong(unknown("key", str(next(iter(raw))), ["path", "value", "sql", "write"]))
    raise wrong("is empty; write a path, {value: …} or {sql: …}")


Value = t.Annotated[
    Path | Literal | Sql, BeforeValidator(_value, json_schema_input_type=str | Path | Literal | Sql)
]


class OrderField(Model):
    """A field that says which record comes later."""

    field: Text = Field(description="Path of the field, compared as number, instant or fixed-width text.")
    sequence: t.Literal["dense"] | None = Field(
        None,
        description="`dense`: counts up by one per key, so that a gap shows a lost record.",
    )

    @property
    def path(self) -> str:
        """The field's path: the name under which other modules look it up."""
        return self.field


def _order(raw: t.Any) -> t.Any:
    fields = [raw] if isinstance(raw, (str, dict)) else raw
    if not isinstance(fields, list):
        return fields
    return [{"field": each} if isinstance(each, str) else each for each in fields]


Order = t.Annotated[list[OrderField], BeforeValidator(_order, json_schema_input_type=list[str | OrderField])]


def paths(values: t.Iterable[Value | None]) -> list[str]:
    """The paths among the values."""
    return [value.path for value in values if isinstance(value, Path)]
