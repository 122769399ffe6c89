"""Ten nights of one business, scripted: after each of them all its books and its store as they have to be."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import SparkSession

from tests.week.business import BEGUN, NAME, Business, Key, night, row
from tests.week.office import Week

# A wrong tariff that is repaired and comes back; a stray row whose deletion is refused; a waived reading; a
# row that the store would not take back at first.
WRONG, STRAY, WAIVED, STUBBORN = ("mill", 2), ("ghost", 9), ("quay", 3), ("yard", 4)


@pytest.fixture
def week(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Week]:
    monkeypatch.chdir(tmp_path)
    yield Week(Business(tmp_path / "water"), monkeypatch, capsys)


def test_ten_nights(week: Week) -> None:
    for each in (
        first_night_agrees, second_night_finds_three, third_night_confirms, fourth_night_has_no_export,
        fifth_night_has_an_empty_one, sixth_night_renames_a_column, seventh_night_is_good_again,
        eighth_night_brings_the_stray_back, ninth_night_opens_another_episode, tenth_night_ends_it,
        the_books_tell_the_whole_story,
    ):  # fmt: skip
        each(week)


def first_night_agrees(week: Week) -> None:
    week.business.read_meters(1)
    week.business.export(1)
    code, said = week.run(1)
    assert (code, week.discrepancies(), week.repairs()) == (0, {}, {})
    assert "meters ties out: all 24 keys agree. T is 2026-05-02 00:00 UTC, 1 h ago." in said


def second_night_finds_three(week: Week) -> None:
    business = week.business
    business.write({
        WRONG: {"tariff": "GOLD"}, STRAY: row(*STRAY, "BASIC", 1), WAIVED: {"units": Decimal("1.00")},
    })  # fmt: skip
    business.export(2)
    code, said = week.run(2)
    assert code == 0
    assert "meters does not tie out: 3 open, of 25 keys." in said
    assert week.discrepancies() == {
        WRONG: ("open", "mismatch", "store", 1),
        STRAY: ("open", "unexpected", "store", 1),
        WAIVED: ("open", "mismatch", "store", 1),
    }
    assert week.repairs() == {
        (WRONG, 1): ("update", "approved", "policy", 0),
        (STRAY, 1): ("delete", "approved", "policy", 0),
        (WAIVED, 1): ("update", "approved", "policy", 0),
    }
    # The operator refuses one, waives another, and lets the next run hear it before anything is applied.
    assert (
        week.call(
            "compensations", "reject", NAME, week.ids[STRAY], "--by", "kim", "--reason", "a test meter"
        )[0]
        == 0
    )
    waive = (
        "discrepancies",
        "waive",
        NAME,
        "--key",
        '{"site": "quay", "meter": 3}',
        "--by",
        "kim",
        "--reason",
        "known",
    )
    assert week.call(*waive)[0] == 0
    assert "1 waits for the next run (`tieout run meters`)" in week.call("compensations", "list", NAME)[1]
    assert week.run(2)[0] == 0
    assert week.repairs() == {
        (WRONG, 1): ("update", "approved", "policy", 0),
        (STRAY, 1): ("delete", "rejected", "policy", 0),
        (WAIVED, 1): ("update", "proposed", None, 0),
    }
    wanted = business.store() | {WRONG: business.truth[WRONG]}
    assert week.apply(2)[0] == 0
    assert business.store() == wanted, "the repair that is approved, and nothing else"


def third_night_confirms(week: Week) -> None:
    week.business.read_meters(3)
    week.business.export(3)
    assert week.run(3)[0] == 0
    assert week.discrepancies() == {
        WRONG: ("resolved", "mismatch", "store", 1),
        STRAY: ("open", "unexpected", "store", 1),
        WAIVED: ("waived", "mismatch", "store", 1),
    }
    assert week.repairs()[WRONG, 1] == ("update", "confirmed", "policy", 0)
    nothing_is_written(week, 3)


def fourth_night_has_no_export(week: Week) -> None:
    before = week.versions()
    code, said = week.run(4)
    assert code == 3
    assert "The newest snapshot of meters speaks of 2026-05-04 00:00 UTC, 25 h ago" in said
    assert "gate.max_age allows 20 h" in said
    assert week.versions() == before


def fifth_night_has_an_empty_one(week: Week) -> None:
    before, report = week.versions(), week.business.root / "lake" / NAME / "reports"
    pages = set(report.glob("*.html"))
    week.business.export(5, empty=True)
    code, said = week.run(5)
    assert code == 3
    assert "The target holds no row as of T, where another leg holds 24" in said
    assert week.versions() == before
    (page,) = set(report.glob("*.html")) - pages
    assert "A gate stopped this run" in page.read_text()
    nothing_is_written(week, 5)


def sixth_night_renames_a_column(week: Week) -> None:
    before = week.versions()
    week.business.export(6, renamed={"tariff": "tarif"})
    code, said = week.run(6)
    assert code == 2
    assert "tariff" in said and "tarif" in said
    assert "Traceback" not in said
    assert week.versions() == before


def seventh_night_is_good_again(week: Week) -> None:
    business = week.business
    # Somebody took the stray row out; a row is lost, and the table does not take its like for the moment.
    business.write({STRAY: None, STUBBORN: None})
    business.log(
        night(7) - timedelta(hours=6),
        {STRAY: row(*STRAY, "BASIC", 1)} | business.store(),
        "20260507-180000000",
    )
    business.export(7)
    assert week.run(7)[0] == 0
    assert week.discrepancies() == {
        WRONG: ("resolved", "mismatch", "store", 1),
        STRAY: ("resolved", "unexpected", "store", 1),
        WAIVED: ("waived", "mismatch", "store", 1),
        STUBBORN: ("open", "missing", "store", 1),
    }
    assert week.repairs()[STUBBORN, 1] == ("insert", "approved", "policy", 0)
    store = DeltaTable(str(business.root / "store"))
    store.alter.add_constraint({"few": "site <> 'yard' OR \"meter no\" <> 4"})
    as_it_was = business.store()
    code, said = week.apply(7)
    assert code == 3
    assert "1 repair was not applied" in said
    assert business.store() == as_it_was
    assert week.repairs()[STUBBORN, 1] == ("insert", "approved", "policy", 1)
    assert "few" in week.call("compensations", "list", NAME)[1]
    # Mended, the next call tries again: no other word, no other run.
    DeltaTable(str(business.root / "store")).alter.drop_constraint("few")
    code, _ = week.apply(7)
    assert code == 0
    assert business.store() == as_it_was | {STUBBORN: business.truth[STUBBORN]}


def eighth_night_brings_the_stray_back(week: Week) -> None:
    business = week.business
    business.write({STRAY: row(*STRAY, "BASIC", 1)})
    business.export(8)
    assert week.run(8)[0] == 0
    assert week.discrepancies()[STRAY] == ("open", "unexpected", "store", 2)
    assert week.repairs()[STUBBORN, 1] == ("insert", "confirmed", "policy", 1)
    assert week.repairs()[STRAY, 2] == ("delete", "proposed", None, 0)
    (reason,) = [each["reason"] for each in week.rows("compensations") if each["episode"] == 2]
    assert reason == "rejected before by kim: a test meter"
    nothing_is_written(week, 8)


def ninth_night_opens_another_episode(week: Week) -> None:
    business = week.business
    # The repaired row is broken in the same way, the waived one in another: the waiver lapses.
    business.write({WRONG: {"tariff": "GOLD"}, WAIVED: {"units": Decimal("2.00")}})
    business.export(9)
    assert week.run(9)[0] == 0
    assert week.discrepancies() == {
        WRONG: ("open", "mismatch", "store", 2),
        STRAY: ("open", "unexpected", "store", 2),
        WAIVED: ("open", "mismatch", "store", 1),
        STUBBORN: ("resolved", "missing", "store", 1),
    }
    assert week.repairs()[WRONG, 2] == ("update", "approved", "policy", 0)
    assert week.apply(9)[0] == 0
    assert business.store() == business.truth | {STRAY: row(*STRAY, "BASIC", 1)}


def tenth_night_ends_it(week: Week) -> None:
    business = week.business
    business.export(10)
    code, said = week.run(10)
    assert code == 0
    assert "meters does not tie out: 1 open, of 25 keys." in said
    assert {key for key, found in week.discrepancies().items() if found[0] == "open"} == {STRAY}
    approve = ("compensations", "approve", NAME, week.ids[STRAY], "--by", "kim", "--reason", "it is gone")
    assert week.call(*approve)[0] == 0
    assert week.run(10)[0] == 0
    assert week.repairs()[STRAY, 2] == ("delete", "approved", "kim", 0)
    assert week.apply(10)[0] == 0
    assert business.store() == business.truth
    assert {each["status"] for each in week.rows("compensations")} == {
        "confirmed", "rejected", "superseded", "applied",
    }  # fmt: skip


def the_books_tell_the_whole_story(week: Week) -> None:
    """Every turn of every discrepancy, and every night's counts, as they happened; nothing else."""
    keys = {each["discrepancy_id"]: (each["site"], each["meter"]) for each in week.rows("discrepancies")}
    turns: dict[Key, list[tuple[Any, ...]]] = {}
    for each in sorted(
        week.rows("discrepancy_history"), key=lambda row: (row["at"], row["status"] != "open")
    ):
        turn = (day_of(each["at"]), each["status"], each["kind"], each["episode"])
        turns.setdefault(keys[each["discrepancy_id"]], []).append(turn)
    assert turns == {
        WRONG: [
            (2, "open", "mismatch", 1), (3, "resolved", "mismatch", 1),
            (9, "open", "mismatch", 2), (10, "resolved", "mismatch", 2),
        ],
        STRAY: [
            (2, "open", "unexpected", 1), (7, "resolved", "unexpected", 1), (8, "open", "unexpected", 2),
        ],
        WAIVED: [
            (2, "open", "mismatch", 1), (2, "waived", "mismatch", 1),
            (9, "open", "mismatch", 1), (10, "resolved", "mismatch", 1),
        ],
        STUBBORN: [(7, "open", "missing", 1), (8, "resolved", "missing", 1)],
    }  # fmt: skip
    totals = [each for each in week.rows("reconciliations") if each["leg"] == "total"]
    counts = ("status", "keys_seen", "matched", "discrepant", "unjudged")
    assert sorted((day_of(each["as_of"]), *(each[name] for name in counts)) for each in totals) == [
        (1, "finished", 24, 24, 0, 0),
        (2, "finished", 25, 22, 3, 0),
        (2, "finished", 25, 22, 3, 0),
        (3, "finished", 25, 23, 2, 0),
        (5, "failed", 25, 0, 0, 25),
        (7, "finished", 25, 23, 2, 0),
        (8, "finished", 25, 23, 2, 0),
        (9, "finished", 25, 22, 3, 0),
        (10, "finished", 25, 24, 1, 0),
        (10, "finished", 25, 24, 1, 0),
    ]
    decided = sorted(week.rows("decisions"), key=lambda row: (row["decided_at"], row["decision"]))
    assert [(each["decision"], each["decided_by"]) for each in decided] == [
        ("reject", "kim"), ("waive", "kim"), ("approve", "kim"),
    ]  # fmt: skip


def day_of(at: datetime) -> int:
    """The day that a night's instant ends."""
    return (at - BEGUN).days


def nothing_is_written(week: Week, day: int) -> None:
    """Nothing is approved: a call of the consumer changes nothing."""
    before = week.business.store()
    assert week.apply(day)[0] == 0
    assert week.business.store() == before
