"""Words: one thing has one name, the field's own; names that were given up do not come back."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Given up -> what the thing is called.
GIVEN_UP = {
    "Shape": "DatasetSchema",
    "LegFacts": "LegSemantics",
    "Frozen": "RunInputs",
    "frozen": "pinned",
    "Scratch": "CacheScope",
    "scratch": "caches",
    "Desk": "context",
    "desk": "context",
    "among": "semi_join",
    "not_among": "anti_join",
    "travelling": "broadcast_if_small",
    "gathered": "collected",
    "lived_on": "advanced",
    "TryAgainLater": "RetryableError",
    "GateFailed": "GateFailedError",
    "TargetUnread": "TargetUnreadableError",
    "RepairsFailed": "RepairsFailedError",
    "Vanished": "VanishedError",
}

# Names that say nothing of the thing they name: say what it is (states, verdicts, message, counts).
WITHOUT_MEANING = frozenset(
    {
        "told", "said", "held", "found", "shown", "word", "words", "how",
        "heard", "saying", "speak", "spoken", "answer", "answers", "answered",
        "alone", "onto", "past", "anew", "lacks", "behind", "goes_on", "going",
        "taste", "telling", "tally", "tallies", "gathered", "strangers", "book",
        "obstacle", "obstacles", "way_back", "disputed", "clash", "concern", "concerned", "concerns",
        "its", "ours", "those", "them", "untold",
    }
)  # fmt: skip


def _defined(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Names that a module gives: of functions, classes, parameters, variables and attributes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno


def _names() -> Iterator[tuple[str, str]]:
    """Every name that is given in `jobs/`, with its place."""
    for path in sorted((ROOT / "jobs").rglob("*.py")):
        for name, line in _defined(ast.parse(path.read_text(encoding="utf-8"))):
            yield name, f"{path.relative_to(ROOT)}:{line} {name}"


def test_names_that_were_given_up_do_not_come_back() -> None:
    assert [f"{place}: say {GIVEN_UP[name]}" for name, place in _names() if name in GIVEN_UP] == []


def test_names_say_what_a_thing_is() -> None:
    assert [place for name, place in _names() if name.strip("_").lower() in WITHOUT_MEANING] == []
