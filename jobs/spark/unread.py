"""What Spark says when it stumbles over a file -> which file it is, and why it cannot be read."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

_FAILED = re.compile(r"FAILED_READ_FILE\S* Encountered error while reading file \w+:(?://)?(\S+?)\.?\s")
_CAUSE = re.compile(r"Caused by: (?P<name>[\w.$]+)(?:: (?P<message>.*))?")
# What goes wrong on the way to a file, and says nothing of what is in it.
_ON_THE_WAY = (
    "java.net.", "javax.net.", "java.nio.file.", "java.nio.channels.", "java.io.InterruptedIOException",
    "software.amazon.", "com.amazonaws.", "org.apache.http.", "org.apache.hadoop.fs.",
    "org.apache.hadoop.net.", "org.apache.hadoop.security.",
)  # fmt: skip


def paths_in(message: str) -> Iterator[str]:
    """The scheme-free paths of the files that Spark says it could not read to their end."""
    return (unquote(match[1]) for match in _FAILED.finditer(message))


def cause_in(message: str) -> str | None:
    """Why a file cannot be read; None where it is the way to the file that failed."""
    causes = list(_CAUSE.finditer(message))
    if any(cause["name"].startswith(_ON_THE_WAY) for cause in causes):
        return None
    why = (causes[-1]["message"] or causes[-1]["name"]) if causes else "for no reason that it says"
    return why.strip()
