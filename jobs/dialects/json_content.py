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
    return F.to_json(F.try_variant_get(value, variant_path(path), "variant"))


def without(record: Column, left_out: Iterable[str]) -> Column:
    """The canonical text of a record but for what lies at the paths; null where it is no object."""
    tree, text = _tree(left_out), by_value(record)
    return F.to_json(F.try_parse_json(_stripped(text, tree) if tree else text))


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


def variant_path(path: str, root: str = "$") -> str:
    """A dotted path in the way of variants, below the place where the record lies."""
    return root + "".join(f"['{name}']" if "'" not in name else f'["{name}"]' for name in paths.parts(path))
