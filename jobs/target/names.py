"""A name that stands in the settings -> the column of the store that it names, or the way into a struct."""

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from jobs.lake.schema import quoted
from jobs.storage.uri import scheme_free

_BACKTICKED = re.compile(r"`(?:[^`]|``)+`(?:\.`(?:[^`]|``)+`)*")


def spelt(name: str, columns: Iterable[str]) -> str | None:
    """The column of that name as the store spells it, case aside; None where there is none."""
    known = [*columns]
    if name in known:
        return name
    return next((each for each in known if each.lower() == name.lower()), None)


def steps(path: str, columns: Sequence[str]) -> list[str] | None:
    """The way to a value of the store's row: a column, then fields of structs; None where it begins nowhere.

    The whole text is tried first, then ever shorter beginnings up to a dot, so that a column `a.b` is found
    before the field `b` of a column `a`. Names in backticks are taken one by one.
    """
    column = spelt(path, columns)
    if column is not None:
        return [column]
    if _BACKTICKED.fullmatch(path):
        parts = [each[1:-1].replace("``", "`") for each in re.findall(r"`(?:[^`]|``)+`", path)]
        column = spelt(parts[0], columns)
        return None if column is None else [column, *parts[1:]]
    names = path.split(".")
    for length in range(len(names) - 1, 0, -1):
        column = spelt(".".join(names[:length]), columns)
        if column is not None:
            return [column, *names[length:]]
    return None


def condition(text: str, columns: Sequence[str]) -> str:
    """What a bare text of `where` asks in Spark SQL: the column of just that name, if there is one."""
    column = spelt(text.strip(), columns)
    return text if column is None else quoted(column)


def folder_columns(paths: Iterable[str], uri: str) -> list[str]:
    """The columns that folders between a root and its files name, in the order in which they are met."""
    root = scheme_free(uri).rstrip("/") + "/"
    folders = {path[len(root) :].rpartition("/")[0] for path in paths if path.startswith(root)}
    named = [part.partition("=") for folder in sorted(folders) for part in folder.split("/")]
    return list(dict.fromkeys(unquote(name) for name, sign, _ in named if sign and name))
