"""A source -> its dialect: how its files fall into records, and what a record says."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from pyspark.sql import Column, DataFrame

from jobs.dialects import expressions, paths
from jobs.dialects.lines import Lines

Kind = str  # 'load' | 'change' | 'event'


@dataclass(frozen=True)
class Dialect:
    """How the files of one source are read.

    `framing`: [file, etag, text, ...] -> [file, etag, ..., header, garbled, row_number, record], a row for
    each record and one with null `row_number` and `record` for a file that holds none.
    `lines`: the same framing line by line, of files where lines are records.
    `parsed`: [file, etag, row_number, record, header, kind, modified_at, ...] -> the same and body, event_id,
    origin, type, cdc_op, kind, occurred_at, content, reasons.
    `kind`: a file's path -> 'load', 'change' or 'event'.
    `roots`: names that begin a reference in trusted SQL. `aliases`: first parts of paths -> where they lie.
    """

    name: str
    framing: Callable[[DataFrame], DataFrame]
    lines: Lines
    parsed: Callable[[DataFrame], DataFrame]
    kind: Callable[[str], Kind]
    nested: bool
    roots: frozenset[str] = frozenset()
    aliases: dict[str, str] = field(default_factory=dict)

    def path(self, path: str) -> str:
        """The path as it lies in the record: `data` of a configured envelope is where `data:` points."""
        first, dot, rest = path.partition(".")
        return self.aliases.get(first, first) + dot + rest

    def lookup(self, path: str) -> paths.Leaf:
        """The exact text at a path and whether the record says it, over [record, body] (and `item`)."""
        return paths.lookup(self.path(path), self.nested)

    def elements(self, path: str) -> Column:
        """The elements of the array at a path, over [record]; null where there is no array."""
        return paths.elements(self.path(path))

    def with_items(self, frame: DataFrame, each: str) -> DataFrame:
        """The frame with a row for each element of the array: `item_at`, `item`; both null where none is."""
        return paths.with_items(frame, self.path(each))

    def rewritten(self, sql: str, names: Collection[str] = ()) -> expressions.Rewritten:
        """Trusted SQL in terms of helper columns; `names` are known besides the dialect's own roots."""
        return expressions.rewritten(sql, self.roots | set(names))

    def bound(self, frame: DataFrame, rewritten: expressions.Rewritten) -> DataFrame:
        """The frame with the helper columns that the rewritten SQL names."""
        missing = [path for path in rewritten.paths if expressions.helper(path) not in frame.columns]
        return frame.withColumns({expressions.helper(path): self.lookup(path).text for path in missing})
