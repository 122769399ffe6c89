"""Places and changes of a key -> their texts on the lines of `explain` and `preview`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.console.format import VALUE, clipped, value_text
from jobs.console.place import Place

_FILE = 22


@dataclass(frozen=True)
class Names:
    """Names files in tables: as they are called, or by the letters in `short` where that is too long."""

    short: Mapping[str, str]

    def __call__(self, place: Place) -> str:
        """A place as a table shows it: `shop.gz:17`, or `a:17`."""
        return f"{self.short.get(place.file, clipped(place.file))}:{place.row_number}"


def names_of(files: Iterable[str]) -> Names:
    """Give letters to files whose names would break the tables, in the order in which they are named."""
    long = dict.fromkeys(file for file in files if len(file) > _FILE)
    return Names({file: _letters(number) for number, file in enumerate(long)})


def _letters(number: int) -> str:
    """`a` to `z`, then `aa`: as spreadsheets name columns."""
    more, last = divmod(number, 26)
    return (_letters(more - 1) if more else "") + chr(ord("a") + last)


def statements(
    op: str, sets: Mapping[str, Any], adds: Mapping[str, Any], reverts: str | None
) -> list[tuple[str, str]]:
    """What a change states, a column and a line for each: `amount = 10.00`."""
    lines = [(c, f"{c} = {value_text(value)}") for c, value in sets.items()]
    lines += [(c, f"{c} + {value_text(value)}") for c, value in adds.items()]
    lines += {"delete": [("", "deletes")], "truncate": [("", "clears the table")]}.get(op, [])
    lines += [("", f"takes back {clipped(reverts, VALUE)}")] if reverts else []
    return lines or [("", "nothing but the key")]
