"""HTML: pinned fragments, sums, and that no value can become part of the page."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.report.counts import Count
from jobs.report.model import RunSummary, Sample
from jobs.report.render import page
from jobs.run.counts import KeyCounts
from tests.builders.golden import assert_golden

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></table><svg onload=alert(1)>",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
)
VOID = {"meta", "br", "img", "input", "link", "hr"}


class Outline(HTMLParser):
    """The page's elements, and whether they are nested as they should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.broken: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Closes the innermost element, or notes that it is another."""
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)


def outline(html: str) -> Outline:
    """The parsed page."""
    found = Outline()
    found.feed(html)
    found.close()
    return found


def section(html: str, anchor: str) -> str:
    """One section of the page as it stands."""
    found = re.search(rf'<section aria-labelledby="{anchor}">.*?</section>\n', html, re.DOTALL)
    assert found, anchor
    return found.group()


@pytest.mark.parametrize("anchor", ["classes", "faults", "reasons", "samples", "columns", "files", "stages"])
def test_a_section_in_full(anchor: str, orders: RunSummary) -> None:
    assert_golden(Path(__file__).with_name("golden") / f"{anchor}.html", section(page(orders), anchor))


def test_the_page_stands_alone(orders: RunSummary) -> None:
    tags = outline(page(orders)).tags
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in tags}
    assert not [attrs for _, attrs in tags if {"src", "href"} & attrs.keys()]
    assert not re.search(r"url\(|@import", page(orders))


def test_the_page_is_well_formed_and_accessible(orders: RunSummary) -> None:
    found = outline(page(orders))
    assert (found.open, found.broken) == ([], [])
    assert ("html", {"lang": "en"}) in found.tags
    assert all(attrs.get("scope") in ("row", "col") for tag, attrs in found.tags if tag == "th")
    named = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    labels = {attrs["aria-labelledby"] for _, attrs in found.tags if "aria-labelledby" in attrs}
    assert len(named) == len(set(named)) and labels <= set(named)
    headings = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1 and all(b - a <= 1 for a, b in pairwise(headings))


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_value_becomes_part_of_the_page(
    attack: str, orders: RunSummary, sample: Callable[..., Sample]
) -> None:
    calm, hostile = (outline(page(_with(text, orders, sample))) for text in ("calm", attack))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in calm.tags]
    assert [sorted(attrs) for _, attrs in hostile.tags] == [sorted(attrs) for _, attrs in calm.tags]
    assert (hostile.open, hostile.broken) == ([], [])


def test_a_template_in_a_value_is_text(orders: RunSummary, sample: Callable[..., Sample]) -> None:
    assert "{{ 7 * 7 }}" in page(_with("{{ 7 * 7 }}", orders, sample))


def test_a_direction_mark_cannot_turn_the_page(orders: RunSummary, sample: Callable[..., Sample]) -> None:
    marked = sample(1, target={"note": "invoice\u202efdp.exe"}, mismatched=("note",))
    html = page(replace(orders, samples=(marked,)))
    assert "\u202e" not in html and "invoice\\u202efdp.exe" in html


def test_long_values_are_cut_near_their_difference(orders: RunSummary, sample: Callable[..., Sample]) -> None:
    long = "x" * 1_000_000
    note = sample(
        1,
        events={"note": long + "old"},
        changes={"note": long + "old"},
        target={"note": long + "new"},
        mismatched=("note",),
    )
    html = page(replace(orders, samples=(note,)))
    assert len(html) < 40_000
    assert "xold</bdi>" in html and "xnew</bdi>" in html


def test_every_row_of_the_classes_adds_up(orders: RunSummary) -> None:
    rows = re.findall(r"<tr>(<th scope=\"row\">.*?)</tr>", section(page(orders), "classes"))
    numbers = [[int(n.replace(",", "")) for n in re.findall(r">([\d,]+)</td>", row)] for row in rows[:4]]
    assert len(numbers) == 4
    assert all(sum(classes) == seen for *classes, seen in numbers)


def test_rows_and_columns_of_the_faults_add_up(orders: RunSummary) -> None:
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", section(page(orders), "faults"))
    numbers = [[int(n) for n in re.findall(r">(\d+)</td>", row)] for row in rows]
    assert all(sum(faults) == total for *faults, total in numbers)
    assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]


def test_an_empty_run_is_a_page_too(orders: RunSummary) -> None:
    html = page(RunSummary(orders.about, "empty", "orders has no keys on any leg.", ()))
    assert "orders has no keys on any leg." in html
    assert 'id="samples"' not in html and 'id="faults"' not in html


def test_legs_the_dataset_lacks_have_no_column(orders: RunSummary, sample: Callable[..., Sample]) -> None:
    legs = tuple(KeyCounts(leg, 1, 0, 1, 0, 0, 0) for leg in ("events", "target", "total"))
    html = page(replace(orders, legs=legs, samples=(sample(1, target=None),)))
    assert '<th scope="col">changes</th>' not in section(html, "samples")


def test_a_sum_of_no_values_is_a_dash(orders: RunSummary) -> None:
    without = [replace(leg, control_totals={"rows": "0", "amount": None}) for leg in orders.legs[2:3]]
    html = page(replace(orders, legs=(*orders.legs[:2], *without)))
    controls = html[html.index('id="controls"') :]
    assert "–" in controls[: controls.index("</section>")] and "None" not in html


def test_equal_summaries_give_equal_pages(orders: RunSummary) -> None:
    assert page(orders) == page(replace(orders))


def _with(text: str, orders: RunSummary, sample: Callable[..., Sample]) -> RunSummary:
    """The run with a text wherever data can reach the page."""
    shown = sample(1, kind=text, fault=text, target={"note": text, text: text}, mismatched=(text, "note"))
    spread = replace(shown, why=(text,), key=text, status=text)
    failed = replace(orders.failed[0], observed=text, expectation=text, column=text, table=text)
    return replace(
        orders,
        about=replace(orders.about, dataset=text, run_id=text),
        verdict=text,
        samples=(spread,),
        columns=(replace(orders.columns[0], column=text, max_difference=text),),
        reject_reasons=(Count(text, 1, text),),
        failed=(failed,),
    )
