"""Screens: text is text, a page has no trailing blanks, and what nobody renders is not printed by guess."""

import io
from dataclasses import dataclass

import pytest

from jobs.console.printing import Printed, print_on, show
from jobs.console.screen import Screen, coloured_on, plain_on
from jobs.console.tables import Table, joined


@dataclass(frozen=True)
class Pair(Printed):
    """Two texts."""

    left: str
    right: str


@show.register
def _pair(pair: Pair, screen: Screen) -> None:
    table = Table("id", "text")
    table.add(pair.left, joined(("x", "bold"), pair.right))
    screen.titled("Pair", "of texts", table)
    screen.say(pair.right * 40, "dim")


def test_values_with_brackets_are_no_markup_and_no_line_ends_in_blanks() -> None:
    out = io.StringIO()
    print_on(plain_on(out, 40), Pair("[red]1[/]", "[b] :smile:"))
    lines = out.getvalue().split("\n")
    assert lines[:2] == ["", "Pair  of texts"]
    assert lines[4] == "[red]1[/]   x[b] :smile:"
    assert lines[5] == "[b] :smile:" * 40, "a line is as long as it is"
    assert [line for line in lines if line != line.rstrip()] == []


def test_colours_are_those_of_the_screen() -> None:
    out = io.StringIO()
    print_on(coloured_on(out, 40), Pair("1", "2"))
    assert "\x1b[1mPair" in out.getvalue()


def test_what_no_module_renders_is_refused() -> None:
    with pytest.raises(TypeError, match="Nothing renders Printed for people"):
        Printed().render()


def test_programs_read_the_same() -> None:
    assert Pair("1", "2").as_dict() == {"left": "1", "right": "2"}
