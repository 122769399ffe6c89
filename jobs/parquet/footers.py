"""Parquet files -> what each says of its own columns, read from the end of the file alone."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo

_MAGIC = b"PAR1"
_LENGTH = 4
_ENDING = 64 * 1024
_THREADS = 16


class FooterDamaged(Exception):
    """A file does not end as a Parquet file does; the text says which file."""


@dataclass(frozen=True)
class Leaf:
    """A column of values: the physical type, and what the logical type says of it."""

    physical: str
    logical: str
    unit: str = ""
    is_instant: bool = False
    is_signed: bool = True
    bits: int = 0
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        """The type as a sentence names it: `INT64 (Timestamp, nanoseconds)`."""
        sign = "" if self.is_signed else "unsigned"
        digits = f"{self.precision},{self.scale}" if self.precision else ""
        details = [part for part in (self.logical, self.unit, sign, digits) if part and part != "None"]
        return f"{self.physical} ({', '.join(details)})" if details else self.physical


@dataclass(frozen=True)
class Nested:
    """A `struct` of named parts, a `list` of one, a `map` of key and value."""

    kind: str
    parts: "tuple[tuple[str, Node], ...]"

    def __str__(self) -> str:
        """The type as a sentence names it."""
        return f"{self.kind}<{', '.join(f'{name}: {part}' for name, part in self.parts)}>"


Node = Leaf | Nested
Fields = tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Footer:
    """What a file says of itself: its columns in order, how many rows it has, how values are written."""

    fields: Fields
    rows: int
    encodings: frozenset[str] = frozenset()
    codecs: frozenset[str] = frozenset()


def footers_of(files: Sequence[ObjectInfo], objects: Objects) -> list[Footer | FooterDamaged]:
    """The footer of each file, or what is wrong with it."""
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(partial(_footer_of, objects), files))


def _footer_of(objects: Objects, file: ObjectInfo) -> Footer | FooterDamaged:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # The footer between its two marks is a Parquet file without rows.
        whole = pq.ParquetFile(pa.BufferReader(_MAGIC + _footer(objects, file)))
        leaves = iter([_leaf(whole.schema.column(n)) for n in range(len(whole.schema))])
        fields = tuple((field.name, _node(field.type, leaves)) for field in whole.schema_arrow)
        chunks = list(_chunks(whole.metadata))
        return Footer(
            fields,
            whole.metadata.num_rows,
            frozenset(encoding for chunk in chunks for encoding in chunk.encodings),
            frozenset(chunk.compression for chunk in chunks),
        )
    except (pa.ArrowException, StopIteration, ValueError):
        return FooterDamaged(f"{file.path} is damaged, or not a Parquet file")


def _chunks(metadata: Any) -> Iterator[Any]:
    """What is said of each column of each group of rows."""
    for nth in range(metadata.num_row_groups):
        group = metadata.row_group(nth)
        yield from (group.column(each) for each in range(group.num_columns))


def _footer(objects: Objects, file: ObjectInfo) -> bytes:
    """The footer with its length and mark, by one request unless it is long."""
    end = objects.tail(file.uri, _ENDING) or b""
    tail = _LENGTH + len(_MAGIC)
    if len(end) < tail or end[-len(_MAGIC) :] != _MAGIC:
        raise ValueError
    length = int.from_bytes(end[-tail:-_LENGTH], "little") + tail
    if length > file.size:
        raise ValueError
    return (end if length <= len(end) else objects.tail(file.uri, length) or b"")[-length:]


def _node(type_: Any, leaves: Iterator[Leaf]) -> Node:
    """The type of a column; the leaves below it are taken from those of the file, which come in order."""
    import pyarrow as pa
    from pyarrow import types as is_

    if isinstance(type_, pa.BaseExtensionType):
        return _node(type_.storage_type, leaves)
    if is_.is_dictionary(type_) or is_.is_run_end_encoded(type_):
        return _node(type_.value_type, leaves)
    if is_.is_struct(type_):
        return Nested("struct", tuple((each.name, _node(each.type, leaves)) for each in type_))
    if is_.is_map(type_):
        return Nested(
            "map", (("key", _node(type_.key_type, leaves)), ("value", _node(type_.item_type, leaves)))
        )
    if is_.is_list(type_) or is_.is_large_list(type_) or is_.is_fixed_size_list(type_):
        return Nested("list", (("element", _node(type_.value_type, leaves)),))
    return next(leaves)


def _leaf(column: Any) -> Leaf:
    logical = json.loads(column.logical_type.to_json())
    return Leaf(
        physical=column.physical_type,
        logical=logical["Type"],
        unit=logical.get("timeUnit", ""),
        is_instant=logical.get("isAdjustedToUTC", False),
        is_signed=logical.get("isSigned", True),
        bits=logical.get("bitWidth", 0),
        precision=logical.get("precision", 0),
        scale=logical.get("scale", 0),
    )
