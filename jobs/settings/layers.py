"""Nodes of two files -> Nodes of one: an environment laid over, defaults laid under."""

from jobs.settings.nodes import Node

# Values that mean something only as a whole: a part of one and a part of another would be nonsense.
_WHOLE = {"as_of", "deleted", "revert"}
_OF_WHOLES = {"select", "set", "add", "channels", "key", "apply"}


def laid_over(under: Node, over: Node, name: str = "") -> Node:
    """Mappings are merged key by key, all else is replaced; a null replaces too, and so unsets."""
    if name in _WHOLE or not (isinstance(under.value, dict) and isinstance(over.value, dict)):
        return over
    merged = dict(under.value)
    for key, value in over.value.items():
        known = merged.get(key)
        merged[key] = value if known is None or name in _OF_WHOLES else laid_over(known, value, key)
    return Node(merged, over.file, over.line)


def below(node: Node, name: str) -> Node:
    """The mapping of that name; an empty one where there is none."""
    child = node.value.get(name)
    return (
        child if isinstance(child, Node) and isinstance(child.value, dict) else Node({}, node.file, node.line)
    )


def without(node: Node, *names: str) -> Node:
    """The mapping less these keys."""
    return Node({name: each for name, each in node.value.items() if name not in names}, node.file, node.line)


def text_of(node: Node, name: str) -> str | None:
    """The text of that name; None where there is none."""
    child = node.value.get(name)
    return child.value if isinstance(child, Node) and isinstance(child.value, str) else None
