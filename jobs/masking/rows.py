"""A dataset's settings -> what people may see of rows: in its own columns, and in the store's."""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.masking.columns import UNKEYED, Masking
from jobs.settings import Dataset
from jobs.settings.values import Path, Sql

_NAMES = re.compile(r"`([^`]+)`|([^\W\d]\w*)")
_MASK = re.compile(r"\*\*\*|#[0-9a-f]{16}")
Row = dict[str, Any]


@dataclass(frozen=True)
class Masks:
    """What is masked: the dataset's columns of `masking`, and the `store` columns that they are read from.

    Names of store columns are compared without regard to case, as Spark does.
    """

    masking: Masking
    store: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether anything is masked."""
        return bool(self.masking.columns)

    def row(self, text: str | None) -> Any:
        """A row in the dataset's columns, or copies of one; a value that is a mask already stays."""
        return self._masked_row(text, lambda name: name in self.masking.columns)

    def store_row(self, text: str | None) -> Any:
        """A row in the store's columns, or copies of one."""
        return self._masked_row(text, lambda name: name.casefold() in self.store)

    def sentence(self, text: str | None) -> str | None:
        """A message of a store or a database: only its first word, if the message may quote a value."""
        if text is None or not self.any:
            return text
        named = {name.casefold() for name in (*self.masking.columns, *self.store)}
        head, colon, rest = text.partition(":")
        head = f"{head}: " if colon and head.isidentifier() else ""
        quotes = {name.casefold() for name in _named(rest if head else text)} & named
        # Whatever stands in quotes, or behind a colon, is a value as likely as a name.
        if not quotes and not re.search(r"['\"=(]", rest if head else text):
            return text
        return f"{head}(not shown: it may quote a masked value)"

    def cause(self, text: str, repair: Mapping[str, Any]) -> str:
        """Why a repair failed, in full, without the values of masked columns.

        In: the message of the store or the database, and the repair's row of `compensations`.
        """
        if not self.any:
            return text
        for value in sorted(self._values(repair), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", UNKEYED, text, flags=re.IGNORECASE)
        return text

    def _values(self, repair: Mapping[str, Any]) -> set[str]:
        """The values of masked columns in a repair, as texts on one line."""
        values = set[str]()
        for name in ("key", "row", "guard", "write"):
            with contextlib.suppress(ValueError, AttributeError):
                rows = json.loads(repair.get(name) or "null", parse_int=str, parse_float=str) or []
                for row in rows if isinstance(rows, list) else [rows]:
                    values |= {text for each in self._masked(row) for text in _texts(each)}
        return values

    def _masked(self, row: Row) -> Iterator[Any]:
        for name, value in row.items():
            if name in self.masking.columns or name.casefold() in self.store:
                yield value

    def _masked_row(self, text: str | None, is_masked: Callable[[str], bool]) -> Any:
        if text is None:
            return None
        plain = json.loads(text)
        # Numbers as they stand in the text: a double may print as another text than it was written as.
        spelt = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
        if isinstance(plain, list):
            return [self._one(row, texts, is_masked) for row, texts in zip(plain, spelt, strict=True)]
        return self._one(plain, spelt, is_masked)

    def _one(self, row: Row, texts: Row, is_masked: Callable[[str], bool]) -> Row:
        return {name: self._mask(texts[name]) if is_masked(name) else value for name, value in row.items()}

    def _mask(self, value: Any) -> str | None:
        if isinstance(value, str) and _MASK.fullmatch(value):
            return value
        if value is None or isinstance(value, str):
            return self.masking.masked(value)
        return self.masking.masked(json.dumps(value, ensure_ascii=False))


def _texts(value: Any) -> Iterator[str]:
    """The texts that a value of JSON holds."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(each)
    if not isinstance(value, dict | list) and value is not None:
        text = " ".join((value if isinstance(value, str) else json.dumps(value)).split())
        yield from [text] if text else []


def masks_of(dataset: Dataset, masking: Masking) -> Masks:
    """The masks of a dataset's columns, and of those that its store has for them."""
    return Masks(masking, frozenset(name.casefold() for name in _store(dataset, masking.columns)))


def _store(dataset: Dataset, masked: Iterable[str]) -> Iterator[str]:
    """Store columns that a masked column is read from or written to."""
    target = dataset.target
    for column in masked:
        value = target.select.get(column)
        if isinstance(value, Path):
            # Any beginning of the path may be the column: only the store's schema could tell which.
            names = value.path.split(".")
            yield from (".".join(names[: n + 1]) for n in range(len(names)))
        elif isinstance(value, Sql):
            yield from _named(value.sql)
            yield from value.write or {}
    # Another column's `write` may write the value of a masked one.
    for value in (*target.select.values(), target.deleted):
        if isinstance(value, Sql):
            yield from _written_from(value.write or {}, masked)


def _written_from(write: Mapping[str, str], masked: Iterable[str]) -> Iterator[str]:
    masked_names = {column.casefold() for column in masked}
    for name, sql in write.items():
        if masked_names & {each.casefold() for each in _named(sql)}:
            yield name


def _named(sql: str) -> Iterator[str]:
    """Every name in an expression that could be a column's; also each part of `a.b`."""
    for quoted, bare in _NAMES.findall(sql):
        yield quoted or bare
