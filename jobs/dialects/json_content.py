"""A JSON record, its numbers by value -> the canonical text of a part of it, by which contents compare."""

from collections.abc import Iterable
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.dialects import paths
from jobs.dialects.numbers import by_value

# Names -> those below them; none of a name that is left out as a whole.
_Tree = dict[str, Any]
_VALUES = "map<string,variant>"


def at(value: Column, path: str) -> Column:
    """The canonical text at a path of a variant; null where it has nothing there, 'null' of a null."""
    return F.to_json(F.try_variant_get(value, _variant_path(path), "variant"))


def without(record: Column, names: Column, value: Column, left_out: Iterable[str]) -> Column:
    """The canonical text of a record but for what lies at the paths.

    In: its text, its own names, and it as a variant.
    """
    tree = _tree(left_out)
    whole = F.to_json(value)
    if not tree:
        return whole
    occurs = F.arrays_overlap(names, F.array(*map(F.lit, tree)))
    stripped = F.to_json(F.try_parse_json(_stripped(by_value(record), tree)))
    return F.when(occurs, stripped).otherwise(whole)


def _stripped(text: Column, tree: _Tree) -> Column:
    """The object without what the tree names; null where the text is no object."""
    fields = F.from_json(text, _VALUES)
    kept = F.map_filter(fields, lambda name, _: ~name.isin(*tree))
    for name, below in tree.items():
        if below:
            inner = F.coalesce(F.try_parse_json(_stripped(F.to_json(fields[name]), below)), fields[name])
            there = F.map_contains_key(fields, F.lit(name))
            kept = F.when(there, F.map_concat(kept, F.create_map(F.lit(name), inner))).otherwise(kept)
    return F.to_json(kept)


def _tree(left_out: Iterable[str]) -> _Tree:
    """Paths as a tree; of a path and one below it the shorter counts."""
    tree: _Tree = {}
    for names in sorted(map(paths.parts, left_out), key=len, reverse=True):
        branch = tree
        for name in names[:-1]:
            branch = branch.setdefault(name, {})
        branch[names[-1]] = {}
    return tree


def _variant_path(path: str) -> str:
    """A dotted path in the way of variants."""
    return "$" + "".join(f"['{name}']" if "'" not in name else f'["{name}"]' for name in paths.parts(path))
