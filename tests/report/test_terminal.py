"""Terminal: pinned text, plain where no terminal is, one line when quiet."""

import io
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from jobs.console.streams import WIDTH, console_of
from jobs.report.counts import LegCounts
from jobs.report.summary import RunSummary, Sample
from jobs.report.terminal import render


def text_of(summary: RunSummary, quiet: bool = False, report: str | None = None) -> str:
    """What a file on the other end of stdout receives."""
    out = io.StringIO()
    render(summary, console_of(out), quiet, report)
    return out.getvalue()


def test_a_run_in_full(orders: RunSummary, golden: Callable[[str, str], None]) -> None:
    golden("orders.txt", text_of(orders, report="s3://lake/orders/reports/3f9c2a71d04be856.html"))


def test_a_run_in_which_all_agrees(orders: RunSummary, golden: Callable[[str, str], None]) -> None:
    legs = tuple(LegCounts(leg, 3, 3, 0, 0, 0, 0) for leg in ("events", "target", "total"))
    agreeing = RunSummary(orders.about, "agrees", "orders ties out: all 3 keys agree.", legs)
    golden("agrees.txt", text_of(agreeing))


def test_quiet_is_the_verdict_alone(orders: RunSummary) -> None:
    assert text_of(orders, quiet=True) == f"{orders.verdict}\n"


def test_no_colours_and_no_trailing_blanks_outside_a_terminal(orders: RunSummary) -> None:
    lines = text_of(orders).split("\n")
    assert not any("\x1b" in line or line != line.rstrip() for line in lines)


def test_tables_fit_the_fixed_width(orders: RunSummary) -> None:
    sentences = (orders.verdict, "check failed")
    assert all(len(line) <= WIDTH for line in text_of(orders).split("\n") if not line.startswith(sentences))


def test_colours_on_a_terminal(orders: RunSummary) -> None:
    out = io.StringIO()
    render(orders, Console(file=out, force_terminal=True, color_system="standard", width=WIDTH, _environ={}))
    assert "\x1b[" in out.getvalue()


def test_values_are_neither_markup_nor_commands(orders: RunSummary, sample: Callable[..., Sample]) -> None:
    hostile = sample(1, target={"note": "[bold]x[/bold] \x1b[31m"}, mismatched=("note",), why=("[red]hot",))
    text = text_of(replace(orders, samples=(hostile,)))
    assert "[bold]x[/bold] \\u001b[31m" in text
    assert "why: [red]hot" in text


def test_counts_that_do_not_add_up_are_said_to(orders: RunSummary) -> None:
    assert "do not add up" in text_of(replace(orders, faults=orders.faults[1:]))
    assert "do not add up" not in text_of(orders)


def test_a_run_over_an_older_instant_lists_no_keys(orders: RunSummary) -> None:
    older = text_of(replace(orders, faults=(), samples=()))
    assert "not listed" in older and "do not add up" not in older


def test_few_samples_of_each_kind_and_fault(orders: RunSummary, sample: Callable[..., Sample]) -> None:
    many = tuple(
        sample(n, kind, target={"note": ""}, mismatched=("note",)) for kind in "abcdef" for n in range(5)
    )
    text = text_of(replace(orders, samples=many))
    assert text.count("order_id = ") == 8
    assert "8 more discrepant keys not shown." in text
