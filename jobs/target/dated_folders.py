"""A listing and a pattern such as `dt=%Y-%m-%d` -> the newest folder with data, and later ones without."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from jobs import clock
from jobs.errors import InputError
from jobs.storage.absence import holds_data

_MARKER = "_$folder$"


@dataclass(frozen=True)
class Newest:
    """The folder chosen and its instant; `passed_over`: later ones without data, the newest first."""

    at: datetime
    folder: str
    passed_over: tuple[str, ...]


def folders(names: Iterable[str], pattern: str) -> dict[str, bool]:
    """Every folder as deep as the pattern, with whether it holds data; `""` is all that lies higher.

    In: paths below the root, hidden names and the markers of folders (`a/`, `a_$folder$`) too.
    """
    depth, with_data = pattern.strip("/").count("/") + 1, dict[str, bool]()
    for name in names:
        path = f"{name.removesuffix(_MARKER)}/" if name.endswith(_MARKER) else name
        folder = "/".join(path.split("/")[:depth]) if path.count("/") >= depth else ""
        with_data[folder] = holds_data(name) or with_data.get(folder, False)
    return with_data


def newest(with_data: Mapping[str, bool], root: str, pattern: str, asked: datetime | None) -> Newest:
    """Choose the newest folder with data at or before the instant asked for, of all if none is.

    Args:
        with_data: the folders, each with whether it holds data.
        root: where they lie, for the sentence.
        pattern: how their names tell the instant.
        asked: the latest instant that may be chosen.

    Raises:
        InputError: there is none; the sentence tells whether one is there without data.
    """
    until = f" at or before {clock.iso(asked)}" if asked else ""
    every = dated(with_data, pattern)
    early = {at: folder for at, folder in every.items() if asked is None or at <= asked}
    filled = [at for at, folder in early.items() if with_data[folder]]
    if filled:
        at = max(filled)
        later = sorted((each for each in early if each > at), reverse=True)
        return Newest(at, early[at], tuple(early[each] for each in later))
    if early:
        why = f"{early[max(early)]}/ is there and holds no file of data; write the snapshot first"
    elif every:
        why = f"the first folder is {every[min(every)]}/; ask for its instant or a later one"
    else:
        why = f"no folder is named like {pattern}; correct target.as_of.path"
    raise InputError(f"No snapshot{until} under {root}: {why}.")


def dated(with_data: Mapping[str, bool], pattern: str) -> dict[datetime, str]:
    """The folders whose names tell an instant, by that instant; of two, one that holds data."""
    by_data = sorted(with_data, key=lambda folder: (with_data[folder], folder))
    return {at: folder for folder in by_data if (at := instant_of(folder, pattern)) is not None}


def instant_of(folder: str, pattern: str) -> datetime | None:
    """The instant, in UTC, that a folder's name tells; None where it is not named like the pattern."""
    try:
        return datetime.strptime(folder, pattern.strip("/")).replace(tzinfo=UTC)
    except ValueError:
        return None
