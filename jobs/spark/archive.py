"""Java, its options and a class path -> the archive of classes that a next Java starts from, made once.

Reading, checking and linking 20,000 classes takes seconds of a short run. Java can write down the outcome
when it ends, and start from that. It does so after the command has ended, in its own time; the file has
200 MB. Java itself checks an archive against its version, the class path, and every jar's size and stamp,
and does without one that does not fit: nothing here can end a run.
"""

import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from jobs import clock

# `off`: neither made nor used.
SWITCH = "TIEOUT_CLASS_ARCHIVE"
# Java says what it left out of an archive, or why one does not fit, on the command's own output.
_SILENT = ("-Xlog:disable", "-Xlog:all=error:stderr")
# In seconds: an archive that is not complete by then never will be, and is made anew.
_GIVEN_UP = 3600
_MAGIC = bytes.fromhex("f00baba8")


def archive_options(folder: Path, java: str, class_path: Sequence[Path], own: str) -> list[str]:
    """Return the options by which Java starts from the archive, or makes it; none where neither can be.

    Args:
        folder: where archives are kept.
        java: what Java says of its version.
        class_path: what is put before Spark's own.
        own: the user's options, which may name an archive of their own.
    """
    if os.environ.get(SWITCH, "").lower() == "off" or "Archive" in own or "-Xshare" in own:
        return []
    try:
        archive = folder / f"{_digest(java, class_path)}.jsa"
        if _is_complete(archive):
            return [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto", *_SILENT]
        if _claimed(archive):
            return [f"-XX:ArchiveClassesAtExit={archive}", *_SILENT]
    except OSError:
        return []
    return []


def _digest(java: str, class_path: Sequence[Path]) -> str:
    stamps = [(str(jar), jar.stat().st_size, jar.stat().st_mtime_ns) for jar in class_path]
    return hashlib.sha256(repr([java, stamps]).encode()).hexdigest()[:16]


def _is_complete(archive: Path) -> bool:
    """Whether Java has written it to its end: the head, with the mark in it, comes last."""
    with suppress(FileNotFoundError), archive.open("rb") as file:
        return file.read(len(_MAGIC)) in (_MAGIC, _MAGIC[::-1])
    return False


def _claimed(archive: Path) -> bool:
    """Whether this process may make the archive: of several at once the first one does."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):
        if clock.wall_now().timestamp() - archive.stat().st_mtime > _GIVEN_UP:
            archive.unlink()
    with suppress(FileExistsError):
        archive.touch(exist_ok=False)
        return True
    return False
