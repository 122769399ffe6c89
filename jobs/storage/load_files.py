"""The name of a file that AWS DMS writes -> whether it is of a full load; asked without Spark as well."""

import re

_LOAD = re.compile(r"(SEGMENT\d+_)?LOAD[0-9A-F]+\.(csv|parquet)(\.gz)?", re.IGNORECASE)


def is_load_file(path: str) -> bool:
    """Whether a full load writes files of this name; all others hold changes."""
    return _LOAD.fullmatch(path.rsplit("/", 1)[-1]) is not None
