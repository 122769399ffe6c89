"""``datasets/<name>.yml`` -> Dataset: one kind of entity, its legs, and how they are judged."""

import typing as t

from pydantic import BeforeValidator, Field, model_validator

from jobs.settings.judging import Gate, Mask, Reconcile
from jobs.settings.legs import ChangesLeg, EventsLeg
from jobs.settings.model import Model, Placed
from jobs.settings.repair import Compensate
from jobs.settings.scalars import ColumnName, ColumnType, Name, Scalar
from jobs.settings.target import Target
from jobs.settings.values import Path

LegName = t.Literal["events", "changes"]
Side = t.Literal["events", "changes", "target"]


class ColumnSpec(Model):
    """A column of the entity."""

    type: ColumnType = Field(description="Spark SQL type.")
    nullable: bool = Field(
        True, description="false: the store refuses null, so an insert must know the column."
    )
    default: Scalar = Field(None, description="What the column holds on a living key that never said it.")


def _short(raw: t.Any) -> t.Any:
    """``amount: bigint`` is short for ``amount: {type: bigint}``."""
    if not isinstance(raw, dict):
        return raw
    return {name: {"type": each} if isinstance(each, str) else each for name, each in raw.items()}


Columns = t.Annotated[
    dict[ColumnName, ColumnSpec],
    BeforeValidator(_short, json_schema_input_type=dict[str, ColumnType | ColumnSpec]),
]


class Dataset(Placed):
    """One kind of entity: key, columns, and the mapping of each leg."""

    when_empty: t.ClassVar[dict[str, str]] = {
        "key": "name the columns that identify an entity, such as [order_id]",
        "columns": "give each column its type, such as amount: bigint",
        "columns.*": "give the column's type, such as bigint",
        "target": "say where the store's rows are: format, path and select",
    }

    version: t.Literal[1] = Field(1, description="Version of the settings language: 1.")
    dataset: Name = Field(description="The name, also of its folder in the lake.")
    key: list[ColumnName] = Field(min_length=1, description="The columns that name an entity.")
    columns: Columns = Field(min_length=1, description="Column -> type, or {type, nullable, default}.")
    events: EventsLeg | None = Field(None, description="What was said.")
    changes: ChangesLeg | None = Field(None, description="What was done.")
    target: Target = Field(description="What is held.")
    reconcile: Reconcile = Field(Reconcile(), description="Whose word is taken, and how closely it is read.")
    history: bool = Field(
        False, description="Whether every version of each key is kept: `event_history`, `change_history`."
    )
    mask: Mask | None = Field(None, description="Columns never shown in clear.")
    compensate: Compensate | None = Field(
        None, description="How repairs are approved; unsaid: all manual, unpublished."
    )
    gate: Gate = Field(Gate(), description="When a run fails.")

    @model_validator(mode="before")
    @classmethod
    def _only_leg_is_truth(cls, raw: t.Any) -> t.Any:
        """With one leg, that leg is truth unless the file says otherwise."""
        if not isinstance(raw, dict) or raw.get("events") or not raw.get("changes"):
            return raw
        reconcile = raw.get("reconcile") or {}
        return {**raw, "reconcile": {"truth": "changes", **reconcile}} if isinstance(reconcile, dict) else raw

    @model_validator(mode="after")
    def _own_names(self) -> t.Self:
        """A column that neither `select` nor `without` names stands under its own name."""
        for name in ("changes", "target"):
            leg = getattr(self, name)
            if leg is None:
                continue
            own = {c: Path(path=c) for c in self.columns if c not in leg.select and c not in leg.without}
            # The model is frozen for its users; here it is still being made.
            self.__dict__[name] = leg.model_copy(update={"select": {**leg.select, **own}})
        return self

    @property
    def legs(self) -> list[LegName]:
        """The legs that the dataset has, in the order of the data's way."""
        present: list[tuple[LegName, object]] = [("events", self.events), ("changes", self.changes)]
        return [name for name, leg in present if leg is not None]

    def covered(self, leg: Side) -> list[str]:
        """Columns, in declared order, that the leg's mapping can set (R13)."""
        if leg == "target":
            set_columns = set(self.target.select)
        elif leg == "changes":
            set_columns = set(self.changes.select) if self.changes else set()
        else:
            entries = [entry for _, _, entry in self.events.entries] if self.events else []
            set_columns = {name for entry in entries for name in (*entry.set, *entry.add)}
            set_columns |= set(self.key) if self.events else set()
        return [name for name in self.columns if name in set_columns]
