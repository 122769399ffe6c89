"""Verdicts: what is found as it was injected passes; anything else, more or less, is told and fails."""

import json
from collections import Counter
from dataclasses import replace
from io import StringIO

import pytest

from jobs.console.screen import plain_on
from jobs.demo.expected import MATCHED, Verdict, discrepant, pending, unjudged
from jobs.demo.injection import Damaged
from jobs.demo.life import Key
from jobs.demo.show import as_object, next_commands, sentence, show
from jobs.demo.verdicts import UNLISTED, Comparison, Findings, compare


@pytest.fixture
def perfect(shop: Damaged) -> Findings:
    """What a run finds that is right in everything."""
    listed = {
        key: each.fault.expected
        for each in shop.injected
        for key in each.keys
        if each.fault.expected.outcome not in UNLISTED
    }
    return Findings(listed, shop.classes, shop.rejects, shop.conflicts)


def _key(shop: Damaged, name: str) -> Key:
    return next(each.keys[0] for each in shop.injected if each.fault.name == name)


def _wrong(comparison: Comparison) -> list[str]:
    return [line.name for line in (*comparison.faults, *comparison.counts) if not line.ok]


def test_everything_found_as_injected_is_right(shop: Damaged, perfect: Findings) -> None:
    comparison = compare(shop, perfect)
    assert comparison.ok
    assert _wrong(comparison) == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("rogue_amount", MATCHED),
        ("rogue_amount", discrepant("mismatch", "processor", "amount")),
        ("rogue_amount", discrepant("mismatch", "store", "amount", "note")),
        ("rogue_amount", discrepant("mismatch", "store", "amount", suspect=True)),
        ("row_lost", pending("grace")),
        ("birth_lost", unjudged("sequence_gap")),
        ("events_repeated", discrepant("stale", "store")),
        ("archive_purged", discrepant("missing", "store")),
    ],
)
def test_one_key_found_otherwise_is_wrong(
    shop: Damaged, perfect: Findings, name: str, found: Verdict
) -> None:
    keys = {**perfect.keys, _key(shop, name): found}
    comparison = compare(shop, replace(perfect, keys={k: v for k, v in keys.items() if v is not MATCHED}))
    assert not comparison.ok
    assert _wrong(comparison) == [name]


def test_an_order_that_nobody_harmed_is_wrong_to_report(shop: Damaged, perfect: Findings) -> None:
    comparison = compare(shop, replace(perfect, keys={**perfect.keys, 1: discrepant("stale", "store")}))
    assert not comparison.ok
    assert comparison.strays == {1: discrepant("stale", "store")}
    assert "1 order reported in error" in sentence([comparison])


def test_a_line_is_told_from_its_order(lines: Damaged) -> None:
    stray = (_key(lines, "line_lost"), (10_001, 2))
    found = {stray[0]: discrepant("missing", "store"), stray[1]: discrepant("stale", "store")}
    comparison = compare(lines, Findings(found, lines.classes))
    assert comparison.strays == {stray[1]: discrepant("stale", "store")}
    text = StringIO()
    show(comparison, plain_on(text, 160))
    assert "Injected against found: order lines" in text.getvalue()
    assert "✓ records refused: none\n" in text.getvalue()
    assert "line 10001/2: stale, store, which nobody injected" in text.getvalue()


def test_one_sentence_counts_the_faults_of_every_dataset(
    shop: Damaged, perfect: Findings, lines: Damaged
) -> None:
    keys = {key: each.fault.expected for each in lines.injected for key in each.keys}
    both = [compare(shop, perfect), compare(lines, Findings(keys, lines.classes))]
    assert sentence(both) == (
        "All 51 faults in 115 orders and 7 faults in 14 lines were found as what they are, no more."
    )


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"classes": {"keys_seen": 1}}, "classes"),
        ({"rejects": Counter(events=2)}, "rejects"),
        ({"conflicts": Counter({("tie", 5): 1})}, "tie"),
    ],
)
def test_a_count_that_differs_is_wrong(
    shop: Damaged, perfect: Findings, change: dict[str, Counter[str]], wrong: str
) -> None:
    comparison = compare(shop, replace(perfect, **change))  # type: ignore[arg-type]
    assert not comparison.ok
    assert wrong in _wrong(comparison)


def test_people_see_every_fault_and_what_is_wrong_with_it(shop: Damaged, perfect: Findings) -> None:
    text = StringIO()
    keys = {**perfect.keys, _key(shop, "row_lost"): pending("grace")}
    comparison = compare(shop, replace(perfect, keys=keys))
    show(comparison, plain_on(text, 160))
    (line,) = (line for line in text.getvalue().splitlines() if "row deleted from the store" in line)
    assert "missing, store" in line
    assert "2 missing, store; 1 pending: grace" in line and "✗" in line
    assert text.getvalue().count("✗") == 1


def test_programs_see_the_same(shop: Damaged, perfect: Findings) -> None:
    told = json.loads(json.dumps(as_object(compare(shop, perfect))))
    assert told["ok"] is True
    assert len(told["faults"]) > 40
    assert {"name", "what", "keys", "expected", "found", "ok"} == set(told["faults"][0])


def test_three_commands_to_try_next_lead_to_the_kept_folder() -> None:
    assert next_commands("shop", 17)[0] == "tieout explain orders 17 -c shop/conf"
    assert len(next_commands("shop", 17)) == 3
    assert next_commands(None, 17)[0] == "tieout demo --keep shop"
    assert len(next_commands(None, 17)) == 3
    own = next_commands(None, 17, ".venv/bin/tieout")
    assert all(command.startswith(".venv/bin/tieout ") for command in own)
