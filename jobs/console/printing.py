"""A value that prints itself, as the last line of a notebook's cell does -> its page on a screen."""

import sys
from dataclasses import dataclass
from functools import singledispatch
from typing import TYPE_CHECKING, Any

from jobs.console.plain import plain
from jobs.console.screen import Screen, screen_on

if TYPE_CHECKING:
    from rich.console import Console


@singledispatch
def show(value: object, screen: Screen) -> None:
    """Print a value on a screen; the module that renders a class registers how it does."""
    raise TypeError(f"Nothing renders {type(value).__name__} for people.")


def print_on(screen: Screen, value: object) -> None:
    """Print a value on a screen, all at once."""
    with screen.page():
        show(value, screen)


@dataclass(frozen=True)
class Printed:
    """What people and programs may both read; its package registers with `show` how people do."""

    __slots__ = ()

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON can hold it: stamps as ISO 8601 text."""
        return plain(self)

    def render(self, console: "Console | None" = None) -> None:
        """Print it for people: coloured on a terminal, plain elsewhere."""
        print_on(Screen(console) if console else screen_on(sys.stdout), self)
