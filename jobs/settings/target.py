"""``target:`` of a dataset -> Target: the store's rows as of an instant."""

import typing as t

from pydantic import Field, model_validator

from jobs.settings.model import Model, Placed, wrong
from jobs.settings.scalars import Character, ColumnName, Instant, Name, Text, Uri, Zone
from jobs.settings.values import Value


class AsOf(Model):
    """How the instant of a snapshot is known; exactly one of the five."""

    at: Instant | None = Field(None, description="The instant itself.")
    column: Text | None = Field(
        None,
        description="A column of the store that holds it, the same in every row that is ours (`where`); a "
        "day is its midnight.",
    )
    path: Text | None = Field(None, description="strftime pattern of the snapshot's folder: 'dt=%Y-%m-%d'.")
    commit: bool = Field(False, description="delta: the instant of the commit read.")
    clock: bool = Field(False, description="jdbc: the instant of reading; needs not be said.")

    @property
    def way(self) -> str:
        """Which of the five was chosen."""
        return next(iter(self._given()))

    def _given(self) -> list[str]:
        return [name for name in AsOf.model_fields if getattr(self, name)]

    @model_validator(mode="after")
    def _one(self) -> t.Self:
        given = self._given()
        if len(given) != 1:
            raise wrong("must say exactly one of at, column, path, commit, clock", ", ".join(given) or None)
        return self


class Target(Placed):
    """What is held: the data store's rows."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "select": "give each column of the dataset a column of the store, such as status: state",
    }

    format: t.Literal["parquet", "delta", "csv", "jdbc"] = Field(description="How the store is read.")
    path: Uri | None = Field(None, description="parquet, delta, csv: where it lies.")
    connection: Name | None = Field(None, description="jdbc: name of a connection in tieout.yml.")
    table: Text | None = Field(None, description="jdbc: the table as SQL writes it, with its schema.")
    fields: list[Text] | None = Field(
        None,
        min_length=1,
        description="csv without a header: the columns in file order. Without `fields` the first row of each "
        "file is its header, and columns go by name.",
    )
    null_token: str = Field(
        "",
        description="csv: the unquoted text that means null. Unsaid, nothing between two delimiters is null; "
        '`""` is always the empty text.',
    )
    delimiter: Character = Field(",", description="csv: the character between fields.")
    timezone: Zone = Field(
        "UTC", description="csv: zone of stamps that carry none; in other formats those are UTC."
    )
    select: dict[ColumnName, Value] = Field(
        {},
        description="Column of the dataset -> column of the store, or sql with the way back. A column that "
        "is not named stands under its own name.",
    )
    without: list[ColumnName] = Field([], description="Columns of the dataset that are not held here.")
    where: Text | None = Field(None, description="Spark SQL: which rows are ours.")
    deleted: Value | None = Field(None, description="Rows for which this is true count as deleted.")
    as_of: AsOf | None = Field(None, description="The instant that the rows speak of.")
