"""Files of a batch -> which of them are there still, as the store has them."""

from collections.abc import Sequence

from jobs.run.discovery.difference import content_of
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo, Version

# So many files are asked for one by one; of more, all of the source's are listed.
FEW = 100


def version_of(file: ObjectInfo) -> Version:
    """What identifies a file as its store does."""
    return file.path, content_of(file.etag)


def still_there(objects: Objects, source_path: str, files: Sequence[ObjectInfo]) -> frozenset[Version]:
    """The versions, as their store has them, of those files that are there still; of no other files."""
    asked = {version_of(file) for file in files}
    is_few = len(files) <= FEW
    present = objects.infos(file.uri for file in files) if is_few else objects.list(source_path)
    return frozenset(file.version for file in present if file.version in asked)
