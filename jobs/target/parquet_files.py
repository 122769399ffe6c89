"""A snapshot in Parquet, whoever wrote it -> its rows; the columns are the union by name over all files.

The footers say what there is, and Spark is told what to read: it would take one file's columns for all, guess
the types of folders, and refuse whole files for one column.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.errors import InputError
from jobs.lake.schema import quoted
from jobs.parquet import types
from jobs.parquet.footers import Fields, FooterDamaged, Leaf, Node
from jobs.parquet.readers import Layout, files_by_layout, in_session, reader_of
from jobs.settings import Path, Target
from jobs.settings.expressions import target_expressions
from jobs.settings.sql import parsed
from jobs.storage.objects import Objects
from jobs.storage.uri import pattern_free
from jobs.target import damage, places, widening
from jobs.target.names import condition, folder_columns, steps

_OPTIONS = {**places.PLAIN, **types.OPTIONS}


@dataclass(frozen=True)
class _Union:
    """The columns of all files: name -> what each group of files has there, None where it lacks it.

    `merged`: of a nested column what all groups are read as. `types`: of others the type that holds all.
    `unreadable`: columns that are left out, and why.
    """

    nodes: Mapping[str, Sequence[Node | None]]
    merged: dict[str, Node] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


def rows(spark: SparkSession, target: Target, uri: str, objects: Objects) -> DataFrame:
    """Read the rows of all files below a folder.

    A column that one file lacks is null in its rows; one that folders name is text.

    Raises:
        InputError: columns that differ in case alone; one that is needed and cannot be read.
        TargetUnreadableError: a file is not Parquet, or its end is damaged.
    """
    files = [*objects.list(uri)]
    if not files:
        raise damage.unread(uri, "its files are gone since they were listed")
    try:
        groups = files_by_layout(files, objects)
    except FooterDamaged as damaged:
        raise damage.unread(uri, str(damaged)) from damaged
    _refuse_alike({layout.fields: group[0].path for layout, group in groups.items()}, uri)
    union = _union([layout.fields for layout in groups])
    _refuse_needed(union, target, uri)
    frames = []
    for nth, (layout, group) in enumerate(groups.items()):
        # A folder is listed at once where files by name are looked up one by one.
        paths = [uri] if len(groups) == 1 else [file.uri for file in group]
        read = _read(spark, layout, union, [pattern_free(path) for path in paths])
        frames.append(read.select(F.col(places.FILE), *_values(union, nth)))
    folders = folder_columns([file.path for file in files], uri)
    whole = in_session(spark, reduce(DataFrame.union, frames), groups)
    return places.with_folders(whole, folders, uri)


def _refuse_alike(files: Mapping[Fields, str], uri: str) -> None:
    spellings: dict[str, tuple[str, str]] = {}
    for fields, file in files.items():
        names = [name for name, _ in fields]
        for n, name in enumerate(names):
            other, where = spellings.setdefault(name.lower(), (name, file))
            if other != name:
                raise InputError(
                    f"The target {uri} has columns that differ in case alone, {other} in {where} and {name} "
                    f"in {file}: name them otherwise, or alike."
                )
            if name in names[:n]:
                raise InputError(f"The target {uri} has two columns {name} in {file}: name one otherwise.")


def _union(groups: Sequence[Fields]) -> _Union:
    names = dict.fromkeys(name for fields in groups for name, _ in fields)
    union = _Union({name: [dict(fields).get(name) for fields in groups] for name in names})
    for name, nodes in union.nodes.items():
        there = [node for node in nodes if node is not None]
        leaves = [node for node in there if isinstance(node, Leaf)]
        whole = widening.merged(there) if not leaves else None
        wide = widening.common([types.value_type(leaf) for leaf in leaves]) if leaves else None
        unread = (types.unreadable(node) for node in there)
        if type_ := next(filter(None, unread), None):
            union.unreadable[name] = f"is of the Parquet type {type_}, which cannot be read"
        elif whole is not None:
            union.merged[name] = whole
        elif wide is not None and len(leaves) == len(there):
            union.types[name] = wide
        else:
            spellings = " and ".join(dict.fromkeys(str(node) for node in there))
            union.unreadable[name] = (
                f"is of several types over the files, {spellings}, that no one type holds"
            )
    return union


def _read(spark: SparkSession, layout: Layout, union: _Union, paths: Sequence[str]) -> DataFrame:
    wanted = [
        T.StructField(name, types.read_type(union.merged.get(name, node)))
        for name, node in layout.fields
        if name not in union.unreadable
    ]
    reader = reader_of(spark, layout.quick).options(**_OPTIONS).schema(T.StructType(wanted))
    return reader.parquet(*paths).select("*", places.file().alias(places.FILE))


def _values(union: _Union, nth: int) -> Iterable[Column]:
    """The columns of all files, of one group: null where it lacks one."""
    for name, nodes in union.nodes.items():
        if name in union.unreadable:
            continue
        node = nodes[nth]
        if name in union.merged:
            whole = union.merged[name]
            column = types.value(F.col(quoted(name)), whole)
            if node is None:
                column = F.when(F.lit(False), types.value(_null(whole), whole))
        else:
            wide = union.types[name]
            plain = "string" if wide in (types.NANOSECONDS, types.NOTHING) else wide
            column = F.lit(None).cast(plain)
            if isinstance(node, Leaf):
                value = types.value(F.col(quoted(name)), node)
                from_type = types.value_type(node)
                column = column if from_type == "void" else widening.widened(value, from_type, wide)
        yield column.alias(name)


def _null(node: Node) -> Column:
    return F.lit(None).cast(types.read_type(node))


def _refuse_needed(union: _Union, target: Target, uri: str) -> None:
    """A column that cannot be read is no matter until the settings name it."""
    for name, why in union.unreadable.items():
        if _names(target, name, [*union.nodes]):
            raise InputError(
                f"The target {uri}: its column {name} {why}; write it as another type, "
                "or leave it out of target.select."
            )


def _names(target: Target, name: str, columns: Sequence[str]) -> bool:
    """Whether the settings read a column: by its name, by a way into it, or within SQL."""
    values = [*target.select.values(), *([target.deleted] if target.deleted is not None else [])]
    ways = [steps(value.path, columns) for value in values if isinstance(value, Path)]
    ways += [steps(target.as_of.column, columns)] if target.as_of and target.as_of.column else []
    for _, sql, reads in target_expressions(target):
        if reads == "store":
            text = condition(sql, columns)
            ways += [steps(quoted(each.names[0]), columns) for each in parsed(text, named=True).references]
    return any(way is not None and way[0].lower() == name.lower() for way in ways)
