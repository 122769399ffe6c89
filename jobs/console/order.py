"""A change's stated position, written so that it sorts -> its order values as people read them."""

import re

from jobs import clock

# A number of more digits has their count before them, and a colon (of a negative one: a slash) before that.
_WHOLE = r"0(?:\d{39}|:\d{11,})(?:\.\d*)?|-(?:\d{39}|/\d{11,})(?:\.\d*)?~"
_NUMBER = rf"[nt](?:{_WHOLE})(?:\.\d+)?"
_ORDINAL = re.compile(rf"(?:^| )(?:{_NUMBER}|x\S*)")
_LONGER = re.compile(r"^[:/]\d{10}")
_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def order_values(stated: str) -> tuple[str, ...]:
    """Return the values of the order fields (`columns.ordinal` in reverse); of a load row `load` alone."""
    if re.match(r"a*\d+ load\b", stated):
        return ("load",)
    return tuple(_value(match.group().strip()) for match in _ORDINAL.finditer(stated))


def in_words(stated: str) -> str:
    """Return a stated position with its order values as people read them, its other parts as they stand."""
    return " ".join(_part(part) for part in stated.split(" "))


def _part(part: str) -> str:
    return _value(part) if re.fullmatch(_NUMBER, part) else part.removeprefix("x")


def _value(ordinal: str) -> str:
    if ordinal.startswith("x"):
        return ordinal[1:]
    if ordinal.startswith("t"):
        return _stamp(ordinal)
    negative = ordinal[1] == "-"
    digits = _LONGER.sub("", ordinal[2:].removesuffix("~"))
    digits = digits.translate(_COMPLEMENT) if negative else digits
    number = f"{'-' if negative else ''}{digits.lstrip('0') or '0'}"
    number = number.replace("-.", "-0.") if number.startswith(("-.", ".")) else number
    return f"0{number}" if number.startswith(".") else number


def _stamp(ordinal: str) -> str:
    micros, _, finer = ordinal.partition(".")
    at = clock.of_micros(int(_value(f"n{micros[1:]}")))
    stamp = at.isoformat(timespec="microseconds" if finer else "auto").removesuffix("+00:00")
    return f"{stamp}{finer}Z"
