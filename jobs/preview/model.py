"""A few records of each leg -> frozen values: what each becomes, what is left aside, ten keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jobs.console.place import Place
from jobs.console.printing import Printed
from jobs.settings.coverage import ColumnRow

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """A file that was looked at; `path` is below its source's. `fault` says why nothing of it was read."""

    path: str
    kind: str
    size: int
    modified_at: datetime
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A change that a record makes: its key, the values that it sets, and its place in the order."""

    op: str
    key: Row
    sets: Row
    adds: Row
    reverts: str | None
    creates: bool
    position: str


@dataclass(frozen=True, slots=True)
class Record:
    """A record and its `fate`: mapped, ignored (another type) or refused, with the reasons."""

    place: Place
    name: str
    occurred_at: datetime | None
    fate: str
    changes: tuple[Made, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LegPreview:
    """A leg's files and records. Counts are of the records looked at, `records` a sample of them.

    `ignored` counts other types by name, `refused` the reasons of refusals. `missing`: why there is no file
    to look at. `absent`: what the mapping reads and no record looked at has.
    """

    leg: str
    source: str
    path: str
    files_there: int
    files: tuple[File, ...] = ()
    looked_at: int = 0
    mapped: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    refusals: int = 0
    records: tuple[Record, ...] = ()
    missing: str = ""
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """A key as the legs show it by the records looked at; `rows` by leg, None where it holds none."""

    key: Row
    rows: Mapping[str, Row | None]
    agrees: bool
    differs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview(Printed):
    """A preview of a dataset, not a verdict: few records were read. `store`: what was compared, or why not.

    `note`: of dated folders of the store that are there and hold no data.
    """

    dataset: str
    truth: str
    legs: tuple[LegPreview, ...]
    coverage: tuple[ColumnRow, ...]
    store: str
    as_of: datetime | None = None
    compared: tuple[Compared, ...] = ()
    note: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether every leg had a file to look at, and the store a snapshot."""
        return self.as_of is not None and not any(leg.missing for leg in self.legs)
