"""The name of a file that AWS DMS writes -> whether it is of a full load, or of the task's own tables."""

import re

_LOAD = re.compile(r"(SEGMENT\d+_)?LOAD[0-9A-F]+\.(csv|parquet)(\.gz)?", re.IGNORECASE)

_CONTROL = re.compile(r"(^|/)awsdms_[a-z0-9_]+/", re.IGNORECASE)


def is_load_file(path: str) -> bool:
    """Whether a full load writes files of this name; all others hold changes."""
    return _LOAD.fullmatch(path.rsplit("/", 1)[-1]) is not None


def is_of_the_task(path: str) -> bool:
    """Whether a file is of a control table of DMS, such as `awsdms_status` or `awsdms_apply_exceptions`."""
    return _CONTROL.search(path) is not None
