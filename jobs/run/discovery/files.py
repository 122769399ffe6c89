"""A source -> the files below its path that are its own, in the order of their paths."""

from collections.abc import Iterator

from jobs.settings import Source
from jobs.storage.load_files import is_of_the_task
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, is_data, scheme_free


def files_of(objects: Objects, source: Source, after: str | None = None) -> Iterator[ObjectInfo]:
    """The files that the source has now, from the one that follows `after` on."""
    return (file for file in objects.list(source.path, after) if is_of(source, file.path))


def is_of(source: Source, path: str) -> bool:
    """Whether a path is of a file of the source: below its path, not hidden, no table of a DMS task's own."""
    root = root_of(source)
    # The path may name one object alone.
    if path == root.rstrip("/"):
        return True
    below = path.removeprefix(root)
    is_ours = source.dialect != "dms" or not is_of_the_task(below)
    return path.startswith(root) and is_data(below) and is_ours


def root_of(source: Source) -> str:
    """What the paths of a source's files begin with."""
    return scheme_free(source.path).rstrip("/") + "/"
