"""The bare paths of a mapping, over the changes made of a batch -> those that no record of it had."""

from collections.abc import Iterable, Mapping
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.settings.mapped_paths import MappedPath

# That fewer changes lack an optional field tells nothing; of a leg's first ones it is told all the same.
FEWEST = 10


def aggregates(paths: Iterable[MappedPath]) -> dict[str, Column]:
    """What to ask of changes made [entry, op, said, adds]: `made <entry>`, and `has <place>` of a path."""
    wanted = [path for path in paths if path.kind in ("set", "add")]
    made = {f"made {path.entry}": F.count_if(_upserts(path.entry)) for path in wanted}
    return made | {f"has {path.place}": F.bool_or(_upserts(path.entry) & _has(path)) for path in wanted}


def absent(paths: Iterable[MappedPath], counted: Mapping[str, Any], first: bool) -> dict[str, int]:
    """Name the paths that no record had, each with how many changes were looked at.

    Args:
        paths: those of the mapping.
        counted: the values of the `aggregates`.
        first: whether these are the leg's first changes, so that even a few tell something.
    """
    fewest = 1 if first else FEWEST
    return {
        path.place: counted[f"made {path.entry}"]
        for path in paths
        if path.kind in ("set", "add") and not counted[f"has {path.place}"]
        if counted[f"made {path.entry}"] >= fewest
    }


def _upserts(entry: int) -> Column:
    return (F.col("entry") == entry) & (F.col("op") == "upsert")


def _has(path: MappedPath) -> Column:
    # Of a sum a null is as good as nothing: it adds nothing.
    column = (
        F.col(f"said.`{path.column}`") if path.kind == "set" else F.col(f"adds.`{path.column}`").isNotNull()
    )
    return F.coalesce(column, F.lit(False))
