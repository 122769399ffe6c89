"""The first bytes of a file -> the records or the header that stand there, without Spark."""

import csv
import json
import zlib
from collections.abc import Iterator
from typing import Any

_GZIP = 16 + zlib.MAX_WBITS
_UNPACKED = 1 << 20
_SPACE = " \t\r\n,"


def text_of(name: str, data: bytes) -> str | None:
    """The text that a file begins with; None where it is packed in a way that its beginning does not tell."""
    if name.endswith(".gz"):
        try:
            data = zlib.decompressobj(_GZIP).decompress(data, _UNPACKED)
        except zlib.error:
            return None
    elif name.endswith(".bz2"):
        return None
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


def objects_of(text: str) -> list[dict[str, Any]]:
    """The JSON objects of a text that may be cut short: one after another, over several lines, or an array.

    What is no JSON costs its line.
    """
    return [value for value in _values(text) if isinstance(value, dict)]


def header_of(text: str, delimiter: str) -> list[str]:
    """The names in the first row of a CSV text."""
    return next(csv.reader(text.splitlines(), delimiter=delimiter), [])


def _values(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    if text.lstrip().startswith("["):
        at = text.index("[") + 1
    while at < len(text):
        if text[at] in _SPACE:
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            line = text.find("\n", at)
            at = len(text) if line < 0 else line + 1
        else:
            yield value
