"""A column type's text -> what kind of value it holds and how many digits, for fit and compare alike."""

import re
import sys
from dataclasses import dataclass
from typing import Literal

from jobs.errors import ConfigError

Family = Literal["integer", "decimal", "floating", "boolean", "text", "date", "timestamp", "timestamp_ntz"]

_PLAIN: dict[str, tuple[Family, int]] = {
    "tinyint": ("integer", 3), "smallint": ("integer", 5), "int": ("integer", 10), "bigint": ("integer", 19),
    "float": ("floating", 0), "double": ("floating", 0),
    "boolean": ("boolean", 0), "string": ("text", 0),
    "date": ("date", 0), "timestamp": ("timestamp", 0), "timestamp_ntz": ("timestamp_ntz", 0),
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A column type. `precision` and `scale` count decimal digits; they are 0 where the value has none."""

    type: str
    family: Family
    precision: int = 0
    scale: int = 0

    @property
    def is_exact_number(self) -> bool:
        """Whether its values are numbers that a decimal holds without loss."""
        return self.family in ("integer", "decimal")

    @property
    def epsilon(self) -> float:
        """The distance from 1 to the next floating number: how finely the type can tell values apart."""
        return 2.0**-23 if self.type == "float" else sys.float_info.epsilon


def kind_of(type_: str) -> Kind:
    """Return the kind of a type written as Spark's simple string.

    Raises:
        ConfigError: it is no type that a dataset's column can have.
    """
    if type_ in _PLAIN:
        family, precision = _PLAIN[type_]
        return Kind(type_, family, precision)
    if match := re.fullmatch(r"decimal\((\d+),(\d+)\)", type_):
        return Kind(type_, "decimal", int(match[1]), int(match[2]))
    raise ConfigError(f"{type_} is not a column type; known are {', '.join(_PLAIN)} and decimal(p,s).")
