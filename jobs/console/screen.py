"""A stream that people read -> lines, titles and tables on it; coloured on a terminal, plain elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console

from jobs.console.tables import Cell, Table, joined, styled

WIDTH = 100


class Screen:
    """Where text for people goes. Whatever is printed is text, not markup."""

    def __init__(self, console: Console) -> None:
        self._console = console

    @property
    def width(self) -> int:
        """How many columns it has."""
        return self._console.width

    @property
    def is_terminal(self) -> bool:
        """Whether a person sits before it."""
        return self._console.is_terminal

    def say(self, text: Cell, style: str = "") -> None:
        """Print a line, however long."""
        self._console.print(styled(text, style) if isinstance(text, str) else text, soft_wrap=True)

    def wrap(self, text: Cell, style: str = "") -> None:
        """Print a text, broken between words where the screen ends."""
        self._console.print(styled(text, style) if isinstance(text, str) else text)

    def title(self, text: str, beside: str = "") -> None:
        """Begin a block."""
        self.blank()
        self.say(joined((text, "bold"), (f"  {beside}" if beside else "", "dim")))

    def table(self, table: Table) -> None:
        """Print a table."""
        self._console.print(table)

    def titled(self, text: str, beside: str, table: Table) -> None:
        """Print a table below its title."""
        self.title(text, beside)
        self.table(table)

    def blank(self) -> None:
        """Print an empty line."""
        self._console.print()

    def out(self, text: str) -> None:
        """Print what has its form already."""
        self._console.out(text, highlight=False)

    @contextmanager
    def page(self) -> Iterator[None]:
        """Print what is printed inside at once, without the blanks with which tables fill their columns."""
        with self._console.capture() as page:
            yield
        self._console.file.write("".join(f"{line.rstrip(' ')}\n" for line in page.get().split("\n")[:-1]))


def screen_on(stream: IO[str], colour: bool = True) -> Screen:
    """A screen on a stream: its own width and colours on a terminal, plain and `WIDTH` wide elsewhere."""
    if stream.isatty() and colour:
        return Screen(Console(file=stream, highlight=False))
    return plain_on(stream, None if stream.isatty() else WIDTH)


def plain_on(stream: IO[str], width: int | None) -> Screen:
    """A screen without colours, of such a width."""
    console = Console(
        file=stream, width=width, highlight=False, no_color=True, color_system=None, force_terminal=False
    )
    return Screen(console)


def coloured_on(stream: IO[str], width: int) -> Screen:
    """A screen in colours, whatever the stream is, of such a width."""
    return Screen(Console(file=stream, width=width, highlight=False, force_terminal=True))


def output() -> Screen:
    """Stdout as it is, as wide as its surroundings say."""
    return Screen(Console(highlight=False))
