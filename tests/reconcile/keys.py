"""What each leg holds of many keys, in short words -> the legs side by side, as reconcile looks at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from jobs.fold import DatasetSchema
from jobs.reconcile.align import align, leg_side, target_side
from jobs.reconcile.pairs import Comparison
from jobs.settings import Compare
from jobs.spark.rows import frame_of
from jobs.target.mapping import MISFITS

# The key is the name of the case, so that one frame holds all cases.
SHAPE = DatasetSchema(("id",), {"id": "string", "a": "int", "b": "int"})
EVERY = ("id", "a", "b")
STATES = (
    "id string, a int, b int, _deleted boolean, _unknown array<string>, _suspect boolean, _rejected boolean, "
    "_orphan boolean, _overflow boolean, _lived boolean"
)
ROWS = f"id string, a int, b int, _misfits {MISFITS}"

Values = dict[str, Any]


@dataclass(frozen=True)
class Held:
    """What the legs hold of a key: a log leg's state (None: it never saw the key), the store's copies."""

    events: Values | None = None
    changes: Values | None = None
    target: tuple[Values, ...] = ()


def row(a: int | None = 1, b: int | None = 1, **more: Any) -> Values:
    """A living state of a log leg, or a row of the store."""
    flags = {"_deleted": False, "_unknown": [], "_lived": True, "_misfits": [], **more}
    clear = {f"_{flag}": False for flag in ("suspect", "rejected", "orphan", "overflow")}
    return {"a": a, "b": b, **clear, **flags}


def dead(lived: bool = True, **more: Any) -> Values:
    """A state of a key that does not live."""
    return row(None, None, _deleted=True, _lived=lived, **more)


def held(events: Values | None = None, changes: Values | None = None, *target: Values) -> Held:
    """What the legs hold, in the order of the data's way."""
    return Held(events, changes, target)


@dataclass(frozen=True)
class How:
    """A comparison in short: columns covered by leg, where they are not all; rules; truth."""

    legs: tuple[str, ...] = ("events", "changes", "target")
    truth: str = "events"
    covered: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rules: Mapping[str, Compare] = field(default_factory=dict)

    @property
    def comparison(self) -> Comparison:
        """The comparison."""
        covered = {leg: self.covered.get(leg, EVERY) for leg in self.legs}
        return Comparison(SHAPE, covered, self.rules, self.truth)


def aligned(spark: SparkSession, how: Comparison, keys: Mapping[str, Held]) -> DataFrame:
    """Put the legs of all keys side by side; every key has an unresolved discrepancy."""
    sides = sides_of(spark, how, keys)
    known = frame_of(spark, [{"id": name} for name in keys], "id string")
    return align(sides, known, SHAPE)


def sides_of(spark: SparkSession, how: Comparison, keys: Mapping[str, Held]) -> dict[str, DataFrame]:
    """What each leg holds, as `align` takes it."""
    return {
        leg: target_side(frame, SHAPE) if leg == "target" else leg_side(frame, SHAPE)
        for leg, frame in frames_of(spark, how, keys).items()
    }


def frames_of(spark: SparkSession, how: Comparison, keys: Mapping[str, Held]) -> dict[str, DataFrame]:
    """What each leg holds: the states of the logs, the rows of the store."""
    rows = [{"id": name, **copy} for name, its in keys.items() for copy in its.target]
    frames = {leg: frame_of(spark, _states(leg, keys), STATES) for leg in how.legs if leg != "target"}
    return {**frames, "target": frame_of(spark, rows, ROWS)}


def _states(leg: str, keys: Mapping[str, Held]) -> list[Values]:
    return [{"id": name, **state} for name, its in keys.items() if (state := getattr(its, leg)) is not None]
