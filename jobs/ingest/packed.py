"""Packed files -> how long their text is, and whether they can be unpacked at all; in bounded memory."""

import bz2
import gzip
import io
import zlib
from collections.abc import Callable
from typing import Any

from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo

_CHUNK = 1 << 20
_OPENERS: dict[str, Callable[[Any], io.BufferedIOBase]] = {".gz": gzip.open, ".bz2": bz2.open}
# Spark unpacks these as well; only a gz says how long it is.
_OTHERS = (".bz2", ".deflate", ".snappy", ".lz4", ".zst", ".zstd")
# No gz becomes longer than this times its size.
_GZIP_RATIO = 1032
# A last line without its newline, a byte order mark that is no text, and both.
_SLACK = (0, 1, -3, -2)


class VanishedError(Exception):
    """A file is gone that was listed a moment ago."""


def is_packed(file: ObjectInfo) -> bool:
    """Whether it can be told here that the file cannot be unpacked."""
    return file.path.endswith(tuple(_OPENERS))


def fault_of(objects: Objects, file: ObjectInfo) -> str | None:
    """Why the file cannot be read, found by reading it here; None if it can be.

    Raises:
        VanishedError: it is not there any more.
    """
    if not is_packed(file):
        if objects.tail(file.uri, 1) is None:
            raise VanishedError
        return None
    try:
        _unpacked(objects, file)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        return f"the file cannot be unpacked: {error}"
    return None


def length_of(objects: Objects, file: ObjectInfo, read: int, longest: int) -> int:
    """How many bytes of text a sound file has, of which `read` came as lines of at most `longest` bytes.

    Raises:
        VanishedError: it is not there any more.
    """
    if file.path.endswith(_OTHERS):
        return read
    if not file.path.endswith(".gz"):
        return file.size
    if file.size * _GZIP_RATIO <= longest:
        return read
    # The last four bytes are the length, modulo 2 ** 32, of the file's last member; most have one.
    end = objects.tail(file.uri, 4)
    if end is None:
        raise VanishedError
    off = (read - int.from_bytes(end, "little")) % (1 << 32)
    if off in [each % (1 << 32) for each in _SLACK]:
        return read
    return _unpacked(objects, file)


def is_all(read: int, length: int) -> bool:
    """Whether lines of so many bytes, newlines counted, are all of a text of this length."""
    return read - length in _SLACK


def has_lines(file: ObjectInfo) -> bool:
    """Whether lines of such a file can be told to be all of it."""
    return not file.path.endswith(_OTHERS)


def _unpacked(objects: Objects, file: ObjectInfo) -> int:
    opener = next(opener for suffix, opener in _OPENERS.items() if file.path.endswith(suffix))
    with objects.opened(file.uri) as packed:
        if packed is None:
            raise VanishedError
        with opener(packed) as text:
            return sum(map(len, iter(lambda: text.read(_CHUNK), b"")))
