"""A source -> its dialect: how its files fall into records, and what a record says."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from pyspark.sql import DataFrame

from jobs.dialects import expressions, paths
from jobs.dialects.lines import Lines
from jobs.dialects.paths import Leaf

Kind = str  # 'load' | 'change' | 'event'


class Fields(Protocol):
    """How the records of a dialect are reached into."""

    def opened(self, frame: DataFrame, wanted: Iterable[str]) -> DataFrame:
        """The parsed frame with what `lookup` needs for the paths."""

    def lookup(self, path: str) -> Leaf:
        """What a record has at a path, over a frame opened for it."""


@dataclass(frozen=True)
class Dialect:
    """How the files of one source are read.

    `framing`: [file, etag, text, ...] -> [file, etag, ..., header, garbled, row_number, record], a row for
    each record and one with null `row_number` and `record` for a file that holds none.
    `lines`: the same framing line by line, of files where lines are records.
    `judged`: framed or stored records [record, header, kind, modified_at, ...] -> the same, `sound` (whether
    a record can be taken apart) and `reasons` (why the source refuses it).
    `parsed`: sound records [record, header, kind, modified_at, ...] -> the same and event_id, origin, type,
    cdc_op, kind, occurred_at, `tiebreak` (of events: the text that decides between two of one stated
    position), and what `lookup` needs.
    `with_content`: changes with their `record` -> the same and `content`, a digest by which two records of
    one identity are the same or contradict.
    `kind`: a file's path -> 'load', 'change' or 'event'.
    `fields`: how a path leads to a value. `nested`: whether paths lead to any depth.
    `looked_at`: members that `judged` looks at; framed records may have them in `members`, found already.
    `roots`: names that begin a reference in trusted SQL. `aliases`: first parts of paths -> where they lie.
    """

    name: str
    framing: Callable[[DataFrame], DataFrame]
    lines: Lines
    judged: Callable[[DataFrame], DataFrame]
    parsed: Callable[[DataFrame], DataFrame]
    with_content: Callable[[DataFrame], DataFrame]
    kind: Callable[[str], Kind]
    fields: Fields
    nested: bool
    looked_at: tuple[str, ...] = ()
    roots: frozenset[str] = frozenset()
    aliases: dict[str, str] = field(default_factory=dict)

    def path(self, path: str) -> str:
        """The path as it lies in the record: `data` of a configured envelope is where `data:` points."""
        first, dot, rest = path.partition(".")
        return self.aliases.get(first, first) + dot + rest

    def opened(self, frame: DataFrame, wanted: Iterable[str]) -> DataFrame:
        """The parsed frame with what `lookup` needs for the paths: each object is taken apart once."""
        return self.fields.opened(frame, [self.path(path) for path in wanted])

    def lookup(self, path: str) -> Leaf:
        """The exact text at a path and whether the record says it, over a frame `opened` for the path."""
        return self.fields.lookup(self.path(path))

    def with_items(self, frame: DataFrame, each: str) -> DataFrame:
        """The parsed frame, a row for each element of the array: `item_at`, `item`; both null without any."""
        return paths.with_items(frame, self.path(each))

    def rewritten(self, sql: str, names: Collection[str] = ()) -> expressions.Rewritten:
        """Trusted SQL in terms of helper columns; `names` are known besides the dialect's own roots."""
        return expressions.rewritten(sql, self.roots | set(names))

    def bound(self, frame: DataFrame, rewritten: expressions.Rewritten) -> DataFrame:
        """The opened frame with the helper columns that the rewritten SQL names."""
        missing = [path for path in rewritten.paths if expressions.helper(path) not in frame.columns]
        return frame.withColumns({expressions.helper(path): self.lookup(path).text for path in missing})
