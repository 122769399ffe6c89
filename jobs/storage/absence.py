"""A path under which no data file lies -> which of three that is: not there, empty, or none of it data."""

from collections.abc import Iterable, Iterator

from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, is_data, is_s3, scheme_free

_NAMED = 2
_MARKERS = ("/", "_$folder$")


def absence(objects: Objects, uri: str, named: str, mend: str) -> str:
    """Say why nothing can be read under a path, in one sentence.

    Args:
        objects: where to look.
        uri: the path, under which no data file lies.
        named: what it is of, such as `The source shop`.
        mend: what to do where it is there and holds no data.

    Raises:
        InputError: there is no such bucket, or it may not be read.
    """
    listed = list(relative(uri, objects.everything(uri)))
    names = [name for name in listed if name and not name.endswith(_MARKERS)]
    if not listed and is_s3(uri):
        return f"{named} holds no file: nothing lies under {uri}; correct its path, or {mend}."
    if not listed:
        return f"{named} does not exist: there is no folder {uri}; correct its path."
    if not names:
        return f"{named} holds no file: {uri} is there and empty; {mend}."
    some = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    return (
        f"{named} holds no file of data: under {uri} lies only {some}, and names that begin with _ or . "
        f"are passed over; {mend}."
    )


def relative(uri: str, listed: Iterable[ObjectInfo]) -> Iterator[str]:
    """The paths below a prefix; a folder's own marker is the empty one."""
    root = scheme_free(uri).rstrip("/") + "/"
    return (file.path.removeprefix(root) for file in listed)


def holds_data(name: str) -> bool:
    """Whether a path below a prefix is one of a data file."""
    return bool(name) and is_data(name)
