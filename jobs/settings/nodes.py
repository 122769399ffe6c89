"""YAML 1.2 text -> Nodes: plain values that know the file and line they came from."""

import typing as t
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from jobs.settings.model import value_text

Loc = tuple[str | int, ...]
YamlNode = t.Any  # ruamel's nodes carry no types

_TAG = "tag:yaml.org,2002:"
_ATOMS = ("str", "timestamp")  # a stamp stays the text it was: the models read it, exactly


@dataclass(frozen=True)
class Problem:
    """One mistake: where, and a sentence that says what is wrong and what is allowed."""

    file: str
    line: int
    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.path + ': ' if self.path else ''}{self.text}"


@dataclass(frozen=True)
class Node:
    """A mapping (dict of Nodes), a list (of Nodes) or a scalar, and where it stands."""

    value: t.Any
    file: str
    line: int

    def plain(self) -> t.Any:
        """The value without its places."""
        if isinstance(self.value, dict):
            return {name: each.plain() for name, each in self.value.items()}
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        return self.value

    def at(self, loc: Loc) -> "Node":
        """The node at ``loc``, or the nearest one above it that exists."""
        node = self
        for step in self.real(loc):
            below = node._child(step)
            if below is None:
                break
            node = below
        return node

    def real(self, loc: Loc) -> Loc:
        """``loc`` less the steps that a short form spares: a lone entry for a list, a type for a column."""
        steps: list[str | int] = []
        node: Node | None = self
        for step in loc:
            if node is not None and node._is_short_for(step):
                continue
            steps.append(step)
            node = node._child(step) if node is not None else None
        return tuple(steps)

    def problem(self, loc: Loc, text: str, prefix: Loc = ()) -> Problem:
        """A mistake at ``loc`` below this node; ``prefix`` leads from the file's root to the node."""
        place = self.at(loc)
        return Problem(place.file, place.line, dotted((*prefix, *self.real(loc))), text)

    def _is_short_for(self, step: str | int) -> bool:
        if isinstance(step, int):
            return not isinstance(self.value, list)
        return not isinstance(self.value, (dict, list, NoneType))

    def _child(self, step: str | int) -> "Node | None":
        value = self.value
        if isinstance(step, int):
            return value[step] if isinstance(value, list) and step < len(value) else None
        return value.get(step) if isinstance(value, dict) else None


def dotted(loc: Loc) -> str:
    """``('policy', 0, 'kind')`` -> ``policy[0].kind``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc)
    return text.removeprefix(".")


def parse(text: str, file: str) -> tuple[Node | None, list[Problem]]:
    """The document as Nodes, None where it is none, and every mistake of its form."""
    reader = _Reader(file)
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = ": ".join(part for part in (error.context, error.problem) if part)
        line = mark.line + 1 if mark else 1
        return None, [Problem(file, line, "", f"is not YAML 1.2: {problem}")]
    except YAMLError as error:
        return None, [Problem(file, 1, "", f"is not YAML 1.2: {str(error).splitlines()[0]}")]
    if root is None:
        return Node({}, file, 1), []
    node = reader.node(root, (), root.start_mark.line + 1)
    if not isinstance(node.value, dict):
        reader.tell(root, (), f"must be a mapping, got {value_text(node.plain())}")
        return None, reader.problems
    return node, reader.problems


class _Reader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._open: list[int] = []

    def tell(self, yaml: YamlNode, loc: Loc, text: str) -> None:
        self.problems.append(Problem(self.file, yaml.start_mark.line + 1, dotted(loc), text))

    def node(self, yaml: YamlNode, loc: Loc, line: int) -> Node:
        if id(yaml) in self._open:
            self.tell(yaml, loc, "contains itself by an alias")
            return Node(None, self.file, line)
        self._open.append(id(yaml))
        try:
            return Node(self._value(yaml, loc), self.file, line)
        finally:
            self._open.pop()

    def _value(self, yaml: YamlNode, loc: Loc) -> t.Any:
        if isinstance(yaml, MappingNode):
            return self._mapping(yaml, loc)
        if isinstance(yaml, SequenceNode):
            items = enumerate(yaml.value)
            return [self.node(each, (*loc, n), each.start_mark.line + 1) for n, each in items]
        return self._scalar(yaml, loc)

    def _mapping(self, yaml: YamlNode, loc: Loc) -> dict[str, Node]:
        own: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        for key, value in yaml.value:
            line = key.start_mark.line + 1
            if key.tag == _TAG + "merge":
                merged = {**self._merged(value, loc), **merged}
            elif not isinstance(key, ScalarNode) or key.tag not in [_TAG + atom for atom in _ATOMS]:
                self.tell(key, loc, f"has a key that is not text: {_source(key)} (quote it)")
            elif key.value in own:
                first = own[key.value].line
                self.tell(key, (*loc, key.value), f"stands twice, first in line {first}")
            else:
                own[key.value] = self.node(value, (*loc, key.value), line)
        return {**merged, **own}

    def _merged(self, yaml: YamlNode, loc: Loc) -> dict[str, Node]:
        """``<<: *base`` or ``<<: [*a, *b]``: keys laid under the mapping's own, the first named wins."""
        given = yaml.value if isinstance(yaml, SequenceNode) else [yaml]
        under: dict[str, Node] = {}
        for each in given:
            node = self.node(each, loc, each.start_mark.line + 1)
            if isinstance(node.value, dict):
                under = {**node.value, **under}
            else:
                self.tell(each, loc, "'<<' takes a mapping")
        return under

    def _scalar(self, yaml: YamlNode, loc: Loc) -> t.Any:
        kind, text = str(yaml.tag).removeprefix(_TAG), yaml.value
        if kind in _ATOMS:
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        try:
            return {"int": _whole, "float": _number}[kind](text)
        except (KeyError, ValueError):
            self.tell(yaml, loc, f"has the tag '{yaml.tag}', which settings do not use")
            return text


def _whole(text: str) -> int:
    return (
        int(text.replace("_", ""), 0)
        if text.lstrip("+-")[:2] in ("0x", "0o", "0b")
        else int(text.replace("_", ""))
    )


def _number(text: str) -> Decimal | float:
    """Exact where a decimal can say it: 0.10 stays 0.10."""
    lowered = text.lower().replace("_", "")
    if lowered.endswith((".inf", ".nan")):
        return float(lowered.replace(".", ""))
    return Decimal(lowered)


def _source(yaml: YamlNode) -> str:
    return str(yaml.value) if isinstance(yaml, ScalarNode) else "a list or mapping"
