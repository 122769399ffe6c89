"""Nodes with ``${vars.x}``, ``${ENV}``, ``${ENV:-default}`` -> Nodes with what they stand for."""

import re
import typing as t
from collections.abc import Mapping

from jobs.settings.model import unknown
from jobs.settings.nodes import Loc, Node, Problem, dotted

_REFERENCE = re.compile(r"\$(\$\{)|\$\{([^}]*)\}")
_VARIABLE = re.compile(r"vars\.([A-Za-z_][A-Za-z0-9_]*)")
_ENVIRONMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?", re.DOTALL)


class References:
    """Resolves references from the project's ``vars`` and the environment; collects what it cannot."""

    def __init__(self, variables: Node, environ: Mapping[str, str]) -> None:
        self._variables: dict[str, Node] = variables.value if isinstance(variables.value, dict) else {}
        self._environ = environ
        self.problems: list[Problem] = []

    def resolved(self, node: Node, loc: Loc = (), busy: tuple[str, ...] = ()) -> Node:
        """The node with every reference replaced; secrets keep theirs, for they are resolved when used."""
        value: t.Any = node.value
        if isinstance(value, dict):
            value = {name: self.resolved(each, (*loc, name), busy) for name, each in value.items()}
        elif isinstance(value, list):
            value = [self.resolved(each, (*loc, n), busy) for n, each in enumerate(value)]
        elif isinstance(value, str) and "${" in value and not is_secret(loc):
            return self._text(Node(value, node.file, node.line), loc, busy)
        return Node(value, node.file, node.line)

    def _text(self, node: Node, loc: Loc, busy: tuple[str, ...]) -> Node:
        whole = _REFERENCE.fullmatch(node.value)
        if whole and whole[2] is not None:
            target = self._lookup(whole[2], node, loc, busy)
            return Node(target.value, node.file, node.line)
        pieces: list[str] = []
        end = 0
        for match in _REFERENCE.finditer(node.value):
            target = Node("${", "", 0) if match[1] else self._lookup(match[2], node, loc, busy)
            if isinstance(target.value, (dict, list)):
                self._tell(node, loc, f"${{{match[2]}}} stands for more than text and can only stand alone")
            pieces += [node.value[end : match.start()], _written(target.value)]
            end = match.end()
        return Node("".join([*pieces, node.value[end:]]), node.file, node.line)

    def _lookup(self, reference: str, node: Node, loc: Loc, busy: tuple[str, ...]) -> Node:
        variable = _VARIABLE.fullmatch(reference)
        if variable:
            return self._variable(variable[1], node, loc, busy)
        match = _ENVIRONMENT.fullmatch(reference)
        if match is None:
            allowed = "${vars.name}, ${NAME}, ${NAME:-default}"
            text = f"is no reference, got '${{{reference}}}'; allowed: {allowed}"
            return self._tell(node, loc, text)
        value = self._environ.get(match[1]) or match[2]
        if value is None:
            text = f"the environment variable {match[1]} is not set; set it or write ${{{match[1]}:-default}}"
            return self._tell(node, loc, text)
        return Node(value, node.file, node.line)

    def _variable(self, name: str, node: Node, loc: Loc, busy: tuple[str, ...]) -> Node:
        if name not in self._variables:
            return self._tell(node, loc, unknown("variable", name, self._variables))
        if name in busy:
            return self._tell(node, loc, f"vars.{name} refers to itself")
        return self.resolved(self._variables[name], ("vars", name), (*busy, name))

    def _tell(self, node: Node, loc: Loc, text: str) -> Node:
        self.problems.append(Problem(node.file, node.line, dotted(loc), text))
        # What could not be resolved stays as it stood, so that nothing else complains of it.
        return node


def is_secret(loc: Loc) -> bool:
    """Whether the place holds a reference to a secret: a password, or the key of a mask."""
    return loc[-1:] == ("password",) or loc[-2:] == ("mask", "key")


def _written(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
