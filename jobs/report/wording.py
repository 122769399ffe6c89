"""Wording: values of any length and alphabet, counts and seconds -> short text that shows what is there."""

import unicodedata
from collections.abc import Sequence

LIMIT = 240
_LEAD = 30
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    r"""The text with every character that has no shape of its own written out (`\u202e`, `\n`).

    What cannot be seen (controls, direction marks, odd blanks) could otherwise hide a difference, turn the
    page around or drive a terminal.
    """
    return "".join(_shown(character) for character in text)


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


def number(count: int) -> str:
    """A count with its thousands set apart."""
    return f"{count:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun in the right number."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


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


def _shown(character: str) -> str:
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
