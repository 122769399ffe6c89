"""A source -> the files below its path that are its own, in the order of their paths."""

from collections.abc import Iterator

from jobs.settings import Source
from jobs.storage.load_files import is_of_the_task
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, is_data, scheme_free


def files_of(objects: Objects, source: Source, after: str | None = None) -> Iterator[ObjectInfo]:
    """The files that the source has now, from the one that follows `after` on."""
    below = len(root_of(source))
    for file in objects.list(source.path, after):
        if _is_ours(source, file.path[below:]):
            yield file


def is_of(source: Source, path: str) -> bool:
    """Whether a path is what a listing of the source would show: below its path, and not hidden."""
    root = root_of(source)
    below = path.removeprefix(root)
    return path.startswith(root) and is_data(below) and _is_ours(source, below)


def _is_ours(source: Source, below: str) -> bool:
    """Whether what lies below the source's path is of no table of a DMS task's own."""
    return source.dialect != "dms" or not is_of_the_task(below)


def root_of(source: Source) -> str:
    """What the paths of a source's files begin with."""
    return scheme_free(source.path).rstrip("/") + "/"
