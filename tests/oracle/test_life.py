"""The oracle's life of a discrepancy against sequences worked out by hand."""

import pytest

from tests.oracle.life import Life, Waive, lives
from tests.oracle.model import Key, Verdict

K: Key = (1,)
RIGHT = Verdict("matched")
WRONG = Verdict("discrepant", kind="stale", fault="store", observed=({"a": 1},))
WAITS = Verdict("pending", "incomplete", kind="stale", fault="store")
BUSY = Verdict("pending", "grace", kind="stale", fault="store", unsettled=True)
DARK = Verdict("unjudged", "orphan", kind="stale", fault="store")
OUT = Verdict("out_of_scope", kind="stale", fault="store")


def after(
    *verdicts: Verdict, at: tuple[int, ...] | None = None, waives: tuple[Waive, ...] = ()
) -> Life | None:
    instants = at or tuple(range(1, len(verdicts) + 1))
    return lives([(T, {K: v}) for T, v in zip(instants, verdicts, strict=True)], waives).get(K)


@pytest.mark.parametrize(
    ("verdicts", "status", "episode"),
    [
        ([WRONG], "open", 1),
        ([WAITS], "pending", 1),
        ([WAITS, WRONG], "open", 1),
        ([WAITS, RIGHT], "resolved", 1),
        ([WRONG, RIGHT], "resolved", 1),
        ([WRONG, RIGHT, WRONG], "open", 2),
        ([WRONG, RIGHT, WAITS], "resolved", 1),
        ([WRONG, WAITS], "open", 1),
        ([WRONG, DARK], "open", 1),
        ([WRONG, OUT], "open", 1),
        ([DARK], "unjudged", 0),
        ([DARK, WRONG], "open", 1),
    ],
)
def test_r22_status_and_episode(verdicts: list[Verdict], status: str, episode: int) -> None:
    life = after(*verdicts)
    assert life is not None
    assert (life.status, life.episode) == (status, episode)


@pytest.mark.parametrize("verdicts", [[RIGHT], [OUT], [DARK, RIGHT]])
def test_r22_no_discrepancy_without_one_seen(verdicts: list[Verdict]) -> None:
    assert after(*verdicts) is None


def test_r22_last_seen_does_not_move_while_it_cannot_be_judged() -> None:
    life = after(WRONG, DARK, WAITS, OUT)
    assert life is not None
    assert (life.last_seen_at, life.times_seen) == (1, 1)


def test_r22_stamps_are_instants_and_the_same_instant_is_seen_once() -> None:
    life = after(WRONG, WRONG, WRONG, RIGHT, at=(10, 20, 20, 30))
    assert life is not None
    assert (life.first_seen_at, life.last_seen_at, life.times_seen, life.resolved_at) == (10, 20, 2, 30)


def test_r22_kind_is_the_present_one_and_the_first_is_kept() -> None:
    life = after(WRONG, Verdict("discrepant", kind="missing", fault="processor"))
    assert life is not None
    assert (life.kind, life.fault, life.first_kind, life.first_fault) == (
        "missing",
        "processor",
        "stale",
        "store",
    )


@pytest.mark.parametrize(
    ("then", "until", "status"),
    [
        (WRONG, None, "waived"),
        (WRONG, 3, "waived"),
        (WRONG, 2, "open"),
        (Verdict("discrepant", kind="missing", fault="store", observed=WRONG.observed), None, "open"),
        (Verdict("discrepant", kind="stale", fault="several", observed=WRONG.observed), None, "open"),
        (Verdict("discrepant", kind="stale", fault="store", observed=({"a": 2},)), None, "open"),
        (RIGHT, None, "resolved"),
        (DARK, 2, "waived"),
    ],
)
def test_r22_a_waiver_lapses(then: Verdict, until: int | None, status: str) -> None:
    life = after(WRONG, then, waives=(Waive(K, 1, until),))
    assert life is not None
    assert (life.status, life.episode) == (status, 1)


@pytest.mark.parametrize(
    ("verdicts", "at", "status"),
    [
        ([BUSY, BUSY], (1, 2), "pending"),
        ([BUSY, BUSY, BUSY], (1, 2, 3), "open"),
        ([BUSY, BUSY, BUSY], (1, 2, 2), "pending"),
        ([BUSY, BUSY, WAITS, BUSY], (1, 2, 3, 4), "pending"),
    ],
    ids=["twice", "three times", "the same instant", "not running"],
)
def test_r16_hot_opens_at_the_third(verdicts: list[Verdict], at: tuple[int, ...], status: str) -> None:
    life = after(*verdicts, at=at)
    assert life is not None
    assert (life.status, life.why) == (status, "hot" if status == "open" else None)


def test_r23_an_older_reconcile_never_touches_a_life() -> None:
    life = after(WRONG, RIGHT, at=(20, 10))
    assert life is not None
    assert life.status == "open"


def test_r23_an_equal_instant_is_judged_again() -> None:
    life = after(WRONG, RIGHT, at=(20, 20))
    assert life is not None
    assert (life.status, life.resolved_at) == ("resolved", 20)
