"""``events:`` and ``changes:`` of a dataset -> EventsLeg, ChangesLeg: records to canonical changes."""

import typing as t

from pydantic import BeforeValidator, Field

from jobs.settings.model import Model
from jobs.settings.scalars import ColumnName, Instant, Name, Text
from jobs.settings.source import INLINE
from jobs.settings.values import Order, Value


class Entry(Model):
    """One change that an event makes: values set and added, or a delete, or a revert."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "order": "name the fields that say which event comes later, such as [time]",
        "set": "give column: path, or leave it out",
        "add": "give column: path, or leave it out",
    }

    each: Text | None = Field(
        None, description="Path of an array: the entry is made once per element, `item.x` is of the element."
    )
    key: dict[ColumnName, Value] | None = Field(None, description="Key of the entity; else the leg's `key`.")
    order: Order | None = Field(
        None, min_length=1, description="Order within this entity; else the leg's `order`."
    )
    creates: bool = Field(False, description="Only such entries bring a key to life, once any entry says so.")
    set: dict[ColumnName, Value] = Field({}, description="Column -> the value that it takes.")
    add: dict[ColumnName, Value] = Field({}, description="Numeric column -> what is summed on.")
    delete: bool = Field(False, description="The entity ends.")
    revert: Value | None = Field(None, description="Id of the event that is taken back; stands alone.")


def _entries(raw: t.Any) -> t.Any:
    """A lone entry is a list of one."""
    if not isinstance(raw, dict):
        return raw
    return {name: [each] if isinstance(each, dict) else each for name, each in raw.items()}


Apply = t.Annotated[
    dict[Text, t.Annotated[list[Entry], Field(min_length=1)]],
    BeforeValidator(_entries, json_schema_input_type=dict[str, Entry | list[Entry]]),
]


_NO_SOURCE = ": the name of a source, or path, dialect and format of a private one"


class EventsLeg(Model):
    """What was said: the events of a source, and what each type does to the entity."""

    also_known: t.ClassVar[tuple[str, ...]] = INLINE
    when_missing: t.ClassVar[dict[str, str]] = {
        "source": _NO_SOURCE,
        "order": ": the fields that say which event comes later, such as [time]",
    }
    when_empty: t.ClassVar[dict[str, str]] = {
        "source": "give the name of a source, or path, dialect and format of a private one",
        "order": "name the fields that say which event comes later, such as [time]",
        "key": "give each key column a path, such as order_id: data.order_id, or leave it out",
        "apply": "name the types of events, and what each does",
        "apply.*": "give set, add, delete or revert",
    }

    source: Name = Field(
        description="Name of a source; or the source's own keys stand here, which makes a private source."
    )
    order: Order = Field(min_length=1, description="Fields that say which event comes later.")
    key: dict[ColumnName, Value] = Field(
        {}, description="Key of the entity for every entry that has none of its own."
    )
    other_types: t.Literal["ignore", "reject"] = Field(
        "ignore", description="What becomes of event types that `apply` does not name."
    )
    since: Instant | None = Field(
        None, description="The leg says nothing of lives begun before this instant."
    )
    apply: Apply = Field(min_length=1, description="Event type -> entry, or list of entries.")

    @property
    def entries(self) -> t.Iterator[tuple[str, int, Entry]]:
        """Every entry with its event type and number."""
        return ((kind, n, entry) for kind, made in self.apply.items() for n, entry in enumerate(made))


class ChangesLeg(Model):
    """What was done: the change log of the store."""

    also_known: t.ClassVar[tuple[str, ...]] = INLINE
    when_missing: t.ClassVar[dict[str, str]] = {"source": _NO_SOURCE}
    when_empty: t.ClassVar[dict[str, str]] = {
        "source": "give the name of a source, or path, dialect and format of a private one",
        "select": "give each column of the dataset a column of the store, such as status: state",
    }

    source: Name = Field(
        description="Name of a source; or the source's own keys stand here, which makes a private source."
    )
    table: Text | None = Field(
        None, description="Which of the source's `tables` is read; rows of the others are left aside."
    )
    order: Order = Field(
        [], description="Fields that say which change comes later, beyond what the dialect knows."
    )
    select: dict[ColumnName, Value] = Field(
        {},
        description="Column of the dataset -> column of the store, or sql with the way back. A column that "
        "is not named stands under its own name.",
    )
    without: list[ColumnName] = Field([], description="Columns of the dataset that are not held here.")
    where: Text | None = Field(
        None, description="Spark SQL: what is ours; a change that leaves it is a delete."
    )
    deleted: Value | None = Field(
        None, description="A change for which this is true is a delete (soft deletes)."
    )
    since: Instant | None = Field(
        None, description="The leg says nothing of lives begun before this instant."
    )
