"""A mapped value over parsed records -> the typed value, whether it is stated, why it does not fit."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import and_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import Dialect
from jobs.dialects.expressions import Rewritten, attempt
from jobs.settings import Literal, Path, Source, Sql
from jobs.spark.casts import fit

Value = Path | Literal | Sql


@dataclass(frozen=True)
class ByType:
    """A value that each type of event has its own way of saying; a type that is not named says nothing."""

    values: Mapping[str, Value]


AnyValue = Value | ByType
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
# Words of an expression that are no field of a file whose fields only its header names.
_GRAMMAR = frozenset(
    """
    and or not is null true false case when then else end as in like ilike rlike between distinct from
    div string boolean tinyint smallint int integer bigint long float double decimal date timestamp
    timestamp_ntz interval year month day hour minute second current_timestamp current_date array struct
    map both leading trailing for using escape asc desc by
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)


@dataclass(frozen=True)
class MappedValue:
    """A record's value of a column: `value` (typed), `is_stated`, and `misfit`, why it does not fit."""

    value: Column
    is_stated: Column
    misfit: Column


@dataclass(frozen=True)
class Reader:
    """Reads mapped values off parsed records of one dialect.

    `zone` is that of stamps without one; `zones`: that of single fields where it is another (path -> zone).
    """

    dialect: Dialect
    zone: str
    zones: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, dialect: Dialect, source: Source) -> "Reader":
        """The reader of a source: its commit stamp has a clock of its own."""
        commit = source.timestamp_column
        return cls(dialect, source.timezone, {commit: source.commit_timezone} if commit else {})

    def read(
        self,
        frame: DataFrame,
        wanted: Mapping[str, tuple[AnyValue, str]],
        named: Mapping[str, str] | None = None,
    ) -> tuple[DataFrame, dict[str, MappedValue]]:
        """Read values, each to its type; a misfit names the column, the text and the type (R1).

        In: parsed records; name -> value and type; the types that misfits are to name where these are others.
        Out: the frame with helper columns, what is said by name.
        """
        asked = {sql for value, _ in wanted.values() for sql in _expressions(value)}
        frame, texts = self.texts(frame, {name: value for name, (value, _) in wanted.items()}, asked)
        # A column of its own for each value: Spark would compute an expression again wherever it is named.
        fitted = {
            f"{name} value": fit(texts[name][0], type_, self._zone_of(value))[0]
            for name, (value, type_) in wanted.items()
        }
        frame, type_names = frame.withColumns(fitted) if fitted else frame, named or {}
        return frame, {
            name: MappedValue(
                F.col(f"`{name} value`"),
                texts[name][1],
                self._misfit(name, value, type_names.get(name, type_)),
            )
            for name, (value, type_) in wanted.items()
        }

    def texts(
        self, frame: DataFrame, values: Mapping[str, AnyValue], expressions: Iterable[str] = ()
    ) -> tuple[DataFrame, dict[str, tuple[Column, Column]]]:
        """Read values as exact text: the frame with helper columns, and text and said by name."""
        asked = {sql: self.rewritten(sql) for sql in sorted(expressions)}
        paths = [path for value in values.values() for path in _paths(value)]
        paths += [path for rewritten in asked.values() for path in rewritten.paths]
        frame = self.dialect.opened(frame, paths)
        for sql, rewritten in asked.items():
            text, failed = attempt(rewritten.text)
            bound = self.dialect.bound(frame, rewritten)
            frame = bound.withColumns({_name("text", sql): text, _name("failed", sql): failed})
        read = {name: self._text(value) for name, value in values.items()}
        columns = {f"{name} text": text for name, (text, _) in read.items()}
        columns |= {f"{name} said": is_stated for name, (_, is_stated) in read.items()}
        frame = frame.withColumns(columns) if columns else frame
        return frame, {name: (F.col(f"`{name} text`"), F.col(f"`{name} said`")) for name in values}

    def rewritten(self, sql: str) -> Rewritten:
        """Return trusted SQL in terms of helper columns, one for every field that it names."""
        unnamed = not self.dialect.nested and not self.dialect.roots
        names = _IDENTIFIER.findall(sql) if unnamed else []
        return self.dialect.rewritten(sql, {name for name in names if name.lower() not in _GRAMMAR})

    def _zone_of(self, value: AnyValue) -> str:
        return self.zones.get(value.path, self.zone) if isinstance(value, Path) else self.zone

    def _text(self, value: AnyValue) -> tuple[Column, Column]:
        if isinstance(value, ByType):
            return self._text_by_type(value)
        if isinstance(value, Path):
            leaf = self.dialect.lookup(value.path)
            return leaf.text, leaf.is_stated
        if isinstance(value, Sql):
            return F.col(f"`{_name('text', value.sql)}`"), self._all_stated(value)
        return _literal(value), F.lit(True)

    def _text_by_type(self, value: ByType) -> tuple[Column, Column]:
        text, is_stated = F.lit(None).cast("string"), F.lit(False)
        for of_types, types in _grouped(value.values):
            its_text, its_said = self._text(of_types)
            is_it = F.col("type").isin(*types)
            text = F.when(is_it, its_text).otherwise(text)
            is_stated = F.when(is_it, its_said).otherwise(is_stated)
        return text, is_stated

    def _all_stated(self, value: Sql) -> Column:
        """Whether an expression says anything: of a file's fields, only where all that it reads are said."""
        paths = () if self.dialect.nested else self.rewritten(value.sql).paths
        return reduce(and_, (self.dialect.lookup(path).is_stated for path in paths), F.lit(True))

    def _misfit(self, name: str, value: AnyValue, type_: str) -> Column:
        text = F.col(f"`{name} text`")
        column = name.rpartition(" ")[2]
        reason_text = F.concat(F.lit(f"{column}: "), F.substring(text, 1, 40), F.lit(f" is no {type_}"))
        reason = F.when(text.isNotNull() & F.col(f"`{name} value`").isNull(), reason_text)
        return F.when(self._failed(value), F.lit(f"{column}: the expression failed")).otherwise(reason)

    def _failed(self, value: AnyValue) -> Column:
        if isinstance(value, ByType):
            each = (
                F.when(F.col("type") == type_, self._failed(of_type))
                for type_, of_type in value.values.items()
            )
            return F.coalesce(*each, F.lit(False))
        return F.col(f"`{_name('failed', value.sql)}`") if isinstance(value, Sql) else F.lit(False)


def _grouped(values: Mapping[str, Value]) -> Iterable[tuple[Value, list[str]]]:
    """Each value with the types of events that say it so; the same path is read once for all of them."""
    groups: dict[Path | str, tuple[Value, list[str]]] = {}
    for type_, value in values.items():
        groups.setdefault(value if isinstance(value, Path) else type_, (value, []))[1].append(type_)
    return groups.values()


def _each(value: AnyValue) -> Iterable[Value]:
    return value.values.values() if isinstance(value, ByType) else [value]


def _paths(value: AnyValue) -> list[str]:
    return [each.path for each in _each(value) if isinstance(each, Path)]


def _expressions(value: AnyValue) -> list[str]:
    return [each.sql for each in _each(value) if isinstance(each, Sql)]


def _literal(value: Literal) -> Column:
    if isinstance(value.value, bool):
        return F.lit(str(value.value).lower())
    return F.lit(None if value.value is None else str(value.value)).cast("string")


def _name(what: str, sql: str) -> str:
    return f"{what} of {sql}".replace("`", "'")
