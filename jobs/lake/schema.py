"""A dataset's settings -> the facts that shape its canonical changes and the fold of each leg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyspark.sql import types as T

from jobs.spark.rows import schema_of

if TYPE_CHECKING:
    from jobs.settings import Dataset

_INTEGERS = ("tinyint", "smallint", "int", "bigint")


def accumulator(type_: str) -> str | None:
    """Return the type in which values of a column are summed, None where they cannot be added."""
    if type_ in _INTEGERS:
        return "decimal(38,0)"
    if type_.startswith("decimal"):
        scale = type_.rstrip(")").partition(",")[2] or "0"
        return f"decimal(38,{int(scale)})"
    return "double" if type_ in ("float", "double") else None


@dataclass(frozen=True)
class Shape:
    """Key and columns of a dataset, with their Spark SQL types in declared order."""

    key: tuple[str, ...]
    columns: Mapping[str, str]

    @classmethod
    def of(cls, dataset: Dataset) -> Shape:
        """Take the shape from a dataset's settings."""
        return cls(tuple(dataset.key), {name: spec.type for name, spec in dataset.columns.items()})

    @property
    def values(self) -> list[str]:
        """The columns that changes say values of: all but the key (the key, where there is no other)."""
        return [c for c in self.columns if c not in self.key] or list(self.key)

    @property
    def sums(self) -> dict[str, str]:
        """The columns that can be added to, with the type of their sums."""
        found = {c: accumulator(self.columns[c]) for c in self.values}
        return {c: type_ for c, type_ in found.items() if type_ is not None}

    def ddl(self, columns: list[str] | tuple[str, ...]) -> str:
        """Return the DDL of some columns."""
        return ", ".join(f"`{c}` {self.columns[c]}" for c in columns)

    def change_schema(self) -> T.StructType:
        """Return the schema of canonical changes (design, section 2)."""
        adds = ", ".join(f"`{c}`: {type_}" for c, type_ in self.sums.items())
        values = ", ".join(f"`{c}`: {self.columns[c]}" for c in self.values)
        said = ", ".join(f"`{c}`: boolean" for c in self.values)
        return schema_of(
            f"change_id string, {self.ddl(self.key)}, op string, values struct<{values}>, "
            f"said struct<{said}>, {f'adds struct<{adds}>, ' if adds else ''}reverts string, "
            "creates boolean, full boolean, position string, stated_position string, "
            "occurred_at timestamp, sequence bigint, kind string, origin string, event_id string, "
            "identity string, record_position string, content string, effect string, identity_hash bigint, "
            "place_hash bigint, record string, "
            "source string, "
            "file string, etag string, row_number bigint, batch bigint, run_id string"
        )


@dataclass(frozen=True)
class LegFacts:
    """What a leg can say, from its mapping alone (R11 to R13).

    `births`: only creating entries bring a key to life. `doubts`: what was never said of a key is unknown
    rather than null (a changes leg, a leg with `since`). `patches`: an update of a key whose creation the
    leg never saw shows what it says, the rest unknown (a changes leg: the row was there before the log).
    `partial_creates`: what a creation does not say is unknown too (a changes leg: its file lacks the column).
    `leaves`: a change may say that the key is no longer ours (R13a). Of the changes at hand, whatever the
    mapping promises (`plain.looked_at`, which tells `leaves` of them too): `whole`: each deletes, or creates
    and says all that the leg covers; `once`: there is no delete, or no creation that says but a part.
    """

    covered: tuple[str, ...]
    births: bool = False
    doubts: bool = False
    patches: bool = False
    partial_creates: bool = False
    adds: tuple[str, ...] = ()
    reverts: bool = False
    truncates: bool = False
    leaves: bool = False
    whole: bool = False
    once: bool = False
    defaults: Mapping[str, str] = field(default_factory=dict)
