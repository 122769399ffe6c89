"""Nodes -> models, and every mistake with its place; of what is broken as much as can still be checked."""

import copy
import typing as t
from dataclasses import dataclass, field

from pydantic import ValidationError

from jobs.settings.model import Model
from jobs.settings.nodes import Loc, Node, Problem

M = t.TypeVar("M", bound=Model)

# What stands in for a required part that is broken, so that the others can still be checked.
_STAND_INS: dict[str, t.Any] = {
    "dataset": "unnamed",
    "key": ["unknown"],
    "columns": {"unknown": "string"},
    "target": {"format": "parquet", "path": "/", "select": {"unknown": "unknown"}},
    "source": "unnamed",
    "path": "/",
    "dialect": "cloudevents",
    "format": "json",
}


@dataclass
class Built(t.Generic[M]):
    """A model, or what could be saved of it.

    `broken` names the top-level parts that went, and as `columns.x` the columns that lost their type;
    `lost` are places within parts that went.
    """

    model: M | None
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    lost: set[Loc] = field(default_factory=set)

    def doubts(self, loc: Loc) -> bool:
        """Whether a mistake at ``loc`` may only follow from what was lost there."""
        return any(place[: len(loc)] == loc or loc[: len(place)] == place for place in self.lost)


def build(model: type[M], node: Node, prefix: Loc = ()) -> Built[M]:
    """The model of a node, or the problems; ``prefix`` leads from the file's root to the node."""
    try:
        return Built(model.model_validate(node.plain()))
    except ValidationError as error:
        return Built(None, [node.problem(loc, text, prefix) for loc, text in _mistakes(error, node)])


def build_or_save(model: type[M], node: Node, prefix: Loc = ()) -> Built[M]:
    """As ``build``, but what is broken is taken out until the rest is a model."""
    built = build(model, node, prefix)
    raw = copy.deepcopy(node.plain())
    # Each round takes something out, so it ends; the bound only says so.
    for _ in range(0 if built.model else 50):
        try:
            built.model = model.model_validate(raw)
            break
        except ValidationError as error:
            # Last first, so that places in lists stay what they were.
            for loc, text in reversed(_mistakes(error, node)):
                _take_out(raw, loc, text.startswith("unknown key"), built)
    return built


def _mistakes(error: ValidationError, node: Node) -> list[tuple[Loc, str]]:
    return [(_real(detail["loc"], node), detail["msg"]) for detail in error.errors(include_url=False)]


def _real(loc: Loc, node: Node) -> Loc:
    """Pydantic marks a mistake in a mapping's key by a last step of its own."""
    return node.real(loc[:-1] if loc[-1:] == ("[key]",) else loc)


def _take_out(raw: dict[str, t.Any], loc: Loc, harmless: bool, built: Built[M]) -> None:
    if harmless and _drop(raw, loc):
        return
    if loc[:1] == ("columns",) and _retyped(raw, loc, built.broken):
        return
    if len(loc) > 1 and _drop(raw, loc):
        built.lost.add(loc)
        return
    top = str(loc[0]) if loc else "reconcile"
    built.broken.add(top)
    raw.pop(top, None)
    if top in _STAND_INS:
        raw[top] = copy.deepcopy(_STAND_INS[top])


def _retyped(raw: dict[str, t.Any], loc: Loc, broken: set[str]) -> bool:
    """A column of a broken type is still a column; False if that was not what is wrong with it."""
    columns = raw.get("columns")
    if (
        len(loc) < 2
        or not isinstance(columns, dict)
        or loc[1] not in columns
        or f"columns.{loc[1]}" in broken
    ):
        return False
    broken.add(f"columns.{loc[1]}")
    columns[loc[1]] = "string"
    return True


def _drop(raw: t.Any, loc: Loc) -> bool:
    """Takes out what stands at ``loc``; False if nothing does."""
    try:
        for step in loc[:-1]:
            raw = raw[step]
        del raw[loc[-1]]
    except (KeyError, IndexError, TypeError):
        return False
    return True
