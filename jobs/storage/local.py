"""Local files: the same conditional writes as in S3, for laptops and tests -> bytes and file versions."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from jobs.errors import InputError
from jobs.storage.uri import ObjectInfo, is_data

_T = TypeVar("_T")


def files_below(path: str, start_after: str | None) -> Iterator[ObjectInfo]:
    """The data files under a folder (or the file itself) by path, in the byte order that S3 lists in.

    One folder's names are held at a time, and folders that sort before `start_after` are not looked into.
    """
    if not path.endswith("/") and os.path.isfile(path):
        files = iter([path] if start_after is None or path > start_after else [])
    else:
        root = path.rstrip("/") + "/"
        files = (file for file in _walked(root, start_after) if is_data(file[len(root) :]))
    for file in files:
        # A file may go between the walk and the look; S3 lists only what there is, and so does this.
        if info := info_of(file):
            yield info


def _walked(folder: str, start_after: str | None) -> Iterator[str]:
    """Files below a folder (its path ends with `/`) that sort after a path; links to folders are left out."""
    try:
        with os.scandir(folder) as entries:
            # With its slash, for a folder's files stand in the order of paths: `a-1`, `a/z`, `a.json`.
            names = sorted(
                entry.name + "/" if entry.is_dir() else entry.name
                for entry in entries
                if not (entry.is_symlink() and entry.is_dir())
            )
    except OSError:
        return  # gone, or not ours to read: as S3 lists what it shows
    for name in names:
        below = folder + name
        if start_after is not None and below <= start_after and not start_after.startswith(below):
            continue
        if name.endswith("/"):
            yield from _walked(below, start_after)
        elif start_after is None or below > start_after:
            yield below


def everything_below(path: str) -> Iterator[ObjectInfo]:
    """All files under a folder by path, hidden ones too; a folder with nothing in it as S3's marker, `a/`."""
    root = path.rstrip("/")
    files = [path] if os.path.isfile(path) else []
    for folder, folders, names in os.walk(root):
        files += [os.path.join(folder, name) for name in names]
        files += [] if folders or names else [f"{folder}/"]
    for file in sorted(files):
        if info := info_of(file):
            yield info


def info_of(path: str) -> ObjectInfo | None:
    """The file's present version, or None when there is no such file."""
    try:
        stat = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    modified_at = datetime.fromtimestamp(stat.st_mtime_ns // 1_000 / 1_000_000, UTC)
    return ObjectInfo(path, path, _etag(stat), stat.st_size, modified_at)


def tail_of(path: str, length: int) -> bytes | None:
    """The file's last bytes, or None when there is no such file."""

    def tail(file: BinaryIO) -> bytes:
        file.seek(-min(length, os.fstat(file.fileno()).st_size), os.SEEK_END)
        return file.read()

    return _read(path, tail)


def content_of(path: str) -> tuple[bytes, str] | None:
    """The file's bytes with the etag of just these bytes, or None when there is no such file."""
    return _read(path, lambda file: (file.read(), _etag(os.fstat(file.fileno()))))


def beginning_of(path: str, size: int) -> bytes:
    """The file's first bytes, none where there is no such file."""
    return _read(path, lambda file: file.read(size)) or b""


@contextlib.contextmanager
def opened(path: str) -> Iterator[BinaryIO | None]:
    """The file, to be read piece by piece, or None when there is no such file."""
    try:
        file = open(path, "rb")  # noqa: SIM115 (closed below; what its reader raises is the reader's own)
    except (FileNotFoundError, NotADirectoryError):
        yield None
        return
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        yield file


def _read(path: str, reader: Callable[[BinaryIO], _T]) -> _T | None:
    """What a reader makes of the file, or None when there is no such file."""
    try:
        with open(path, "rb") as file:
            return reader(file)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: str, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.")


def write_file(path: str, data: bytes) -> None:
    """Writes the whole file or nothing."""
    with _locked(path):
        os.replace(_staged(path, data), path)


def create_file(path: str, data: bytes) -> bool:
    """Writes the file if there is none of that name; False when there is."""
    with _locked(path):
        if os.path.lexists(path):
            return False
        os.replace(_staged(path, data), path)
        return True


def replace_file(path: str, data: bytes, etag: str) -> bool:
    """Writes the file if it still has this etag; False when it changed or went."""
    with _locked(path):
        info = info_of(path)
        if info is None or info.etag != etag:
            return False
        os.replace(_staged(path, data), path)
        return True


def delete_file(path: str) -> None:
    """Removes the file; a file that is not there is fine."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        os.remove(path)


def _etag(stat: os.stat_result) -> str:
    return f"{stat.st_size:x}-{stat.st_mtime_ns:x}"


def _staged(path: str, data: bytes) -> str:
    """A hidden file beside the target that holds the data, newer than what it will replace."""
    handle, staged = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".", suffix=".part")
    with open(handle, "wb") as file:
        file.write(data)
    os.chmod(staged, 0o644)
    with contextlib.suppress(FileNotFoundError):
        # Clocks of file systems tick in milliseconds: two writes in a tick must not share an etag.
        old, new = os.stat(path).st_mtime_ns, os.stat(staged).st_mtime_ns
        os.utime(staged, ns=(new, max(new, old + 1_000)))
    return staged


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    """Holds the folder's advisory lock, so that look and replace are one step among processes and threads."""
    folder = Path(path).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); choose a folder that can."
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
