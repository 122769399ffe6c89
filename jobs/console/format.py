"""Formats: values of any length and alphabet, counts, seconds -> short text that shows what is there."""

import json
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

LIMIT = 240
VALUE = 60
_LEAD = 30
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    r"""The text with every character that has no shape of its own written out (`\u202e`, `\n`).

    What cannot be seen (controls, direction marks, odd blanks) could otherwise hide a difference, turn the
    page around or drive a terminal.
    """
    return "".join(_visible_character(character) for character in text)


def windowed(texts: Sequence[str], limit: int = LIMIT) -> tuple[str, ...]:
    """The texts cut to one window, moved to where they begin to differ if that lies beyond its end."""
    shared = _shared(min(texts), max(texts))
    cut = any(len(text) > limit for text in texts)
    beyond = cut and len(set(texts)) > 1 and shared > limit - _LEAD
    start = max(0, shared - _LEAD) if beyond else 0
    return tuple(_cut(text, start, limit) for text in texts)


def clipped(text: str, limit: int = LIMIT) -> str:
    """The text made visible and cut to the limit."""
    return visible(windowed([text], limit)[0])


def value_text(value: Any) -> str:
    """One value, cut to what a line holds; a text that would be taken for something else in quotes."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return clipped(json.dumps(value, ensure_ascii=False), VALUE)
    quoted = value in ("", "null") or value != value.strip()
    return clipped(f'"{value}"' if quoted else value, VALUE)


def when(at: datetime) -> str:
    """An instant in UTC, its fraction only where it has one."""
    stamp = at.astimezone(UTC)
    return f"{stamp:%Y-%m-%d %H:%M:%S}" + (f".{stamp:%f}".rstrip("0") if stamp.microsecond else "")


def number(count: int) -> str:
    """A count with its thousands set apart."""
    return f"{count:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun in the right number."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def size(count: float) -> str:
    """Bytes in the largest unit of which there is one, such as `1.2 GB`; with a fraction below ten."""
    for unit, one in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= one:
            return f"{count / one:.1f} {unit}" if count < 10 * one else f"{count / one:.0f} {unit}"
    return f"{count:.0f} B"


def share(part: int, whole: int) -> str:
    """A part of a whole in percent, never rounded to nothing or to all."""
    if not whole or part in (0, whole):
        return "100 %" if whole and part else "0 %"
    percent = 100 * part / whole
    if percent < 0.01:
        return "under 0.01 %"
    return "over 99.99 %" if percent > 99.99 else f"{percent:.2f} %"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that fit, such as `2 h 5 min`."""
    if round(abs(seconds), 1) < 60:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(abs(seconds))
    sign = "-" if seconds < 0 else ""
    for unit, size, below, small in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // small
            return f"{sign}{whole // size} {unit}" + (f" {rest} {below}" if rest else "")
    return f"{sign}{whole} s"


def age(seconds: float) -> str:
    """How long ago something was, such as `41 h` or `26 h 10 min`: in hours up to three days, then in days.

    Rounded up, so that what is older than a limit never reads as if it were not.
    """
    minutes = -int(-seconds // 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes <= 72 * 60:
        return _two(minutes, 60, "h", "min")
    return _two(-(-minutes // 60), 24, "d", "h")


def ago(at: datetime, now: datetime) -> str:
    """An instant in UTC with its age, such as `2026-11-27 00:00 UTC, 16 h ago`."""
    stamp, seconds = at.astimezone(UTC), (now - at).total_seconds()
    exact = "%Y-%m-%d %H:%M:%S" if stamp.second else "%Y-%m-%d %H:%M"
    since = f"{age(seconds)} ago" if seconds > 0 else f"{age(-seconds)} ahead" if seconds else "just now"
    return f"{stamp.strftime(exact)} UTC, {since}"


def span(length: timedelta) -> str:
    """A length of time exactly, in the largest unit that divides it: `26 h`, `90 min`, `3 d`."""
    seconds = int(length.total_seconds())
    if seconds % 3600 == 0 and not (seconds > 72 * 3600 and seconds % 86400 == 0):
        return f"{seconds // 3600} h"
    units = (("d", 86400), ("min", 60), ("s", 1))
    return next(f"{seconds // size} {unit}" for unit, size in units if seconds % size == 0)


def _two(whole: int, size: int, unit: str, below: str) -> str:
    rest = whole % size
    return f"{whole // size} {unit}" + (f" {rest} {below}" if rest else "")


def _visible_character(character: str) -> str:
    if character == " " or (character.isprintable() and unicodedata.category(character) not in _UNSEEN):
        return character
    code = ord(character)
    return _SHORT.get(character) or (f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")


def _shared(first: str, last: str) -> int:
    """How many characters the first and the last text in order, and so all between, begin with."""
    pairs = zip(first, last, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(first), len(last)))


def _cut(text: str, start: int, limit: int) -> str:
    piece = text[start : start + limit]
    rest = len(text) - start - len(piece)
    head = "…" if start and piece else ""
    tail = f"… ({counted(rest, 'more character')})" if rest > 0 else ""
    return head + piece + tail if piece or not text else f"(ends after {counted(len(text), 'character')})"
