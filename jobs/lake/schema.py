"""A dataset's key and columns, with their types -> their pieces of DDL in Tieout's own tables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Columns = tuple[tuple[str, str], ...]
_COLUMN = re.compile(r"(?:`(?P<quoted>[^`]+)`|(?P<plain>\S+)) (?P<type>.+)")
_INTEGERS = ("tinyint", "smallint", "int", "bigint")


def quoted(name: str) -> str:
    """Return a name as Spark SQL writes it, whatever it is made of."""
    return "`" + name.replace("`", "``") + "`"


def accumulator(type_: str) -> str | None:
    """Return the type in which values of a column are summed, None where they cannot be added."""
    if type_ in _INTEGERS:
        return "decimal(38,0)"
    if type_.startswith("decimal"):
        scale = type_.rstrip(")").partition(",")[2] or "0"
        return f"decimal(38,{int(scale)})"
    return "double" if type_ in ("float", "double") else None


class _Column(Protocol):
    @property
    def type(self) -> str: ...


class _Dataset(Protocol):
    @property
    def key(self) -> Sequence[str]: ...

    @property
    def columns(self) -> Mapping[str, _Column]: ...


@dataclass(frozen=True)
class DatasetSchema:
    """Key and columns of a dataset, with their Spark SQL types in declared order."""

    key: tuple[str, ...]
    columns: Mapping[str, str]

    @classmethod
    def of(cls, dataset: _Dataset) -> "DatasetSchema":
        """Take the schema from a dataset's settings."""
        return cls(tuple(dataset.key), {name: spec.type for name, spec in dataset.columns.items()})

    @property
    def values(self) -> list[str]:
        """The columns whose values changes set: all but the key (the key, where there is no other)."""
        return [c for c in self.columns if c not in self.key] or list(self.key)

    @property
    def sums(self) -> dict[str, str]:
        """The columns that can be added to, with the type of their sums."""
        types = {c: accumulator(self.columns[c]) for c in self.values}
        return {c: type_ for c, type_ in types.items() if type_ is not None}

    @property
    def parts(self) -> dict[str, str]:
        """The pieces of DDL that stand for the dataset's columns in the layout of a table."""
        adds = _fields(self.sums)
        types = {c: self.columns[c] for c in self.values}
        return {
            "key": _columns({c: self.columns[c] for c in self.key}),
            "others": _columns({c: type_ for c, type_ in self.columns.items() if c not in self.key}),
            "key_fields": _fields({c: self.columns[c] for c in self.key}),
            "values_fields": _fields(types),
            "said_fields": _fields(dict.fromkeys(types, "boolean")),
            "adds": f"adds struct<{adds}>" if adds else "",
        }


NO_COLUMNS = DatasetSchema((), {})


def columns_of(ddl: str) -> Columns:
    """Split DDL at its outer commas into names and types; an empty piece is none."""
    matches = (_COLUMN.fullmatch(" ".join(piece.split())) for piece in _pieces(ddl))
    return tuple((match["quoted"] or match["plain"], match["type"]) for match in matches if match)


def _pieces(ddl: str) -> Iterator[str]:
    """The text between the commas that stand in no bracket."""
    depth, start = 0, 0
    for at, sign in enumerate(ddl):
        depth += (sign in "<(") - (sign in ">)")
        if sign == "," and depth == 0:
            yield ddl[start:at]
            start = at + 1
    yield ddl[start:]


def _columns(types: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}` {type_}" for name, type_ in types.items())


def _fields(types: Mapping[str, str]) -> str:
    return ", ".join(f"`{name}`: {type_}" for name, type_ in types.items())
