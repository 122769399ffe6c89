"""R8 to R13a and the sums of R1: the oracle says of a key what the examples of the fold say."""

from decimal import Decimal
from typing import Any

import pytest

from tests.fold.changes import SHAPE, START, Rows
from tests.fold.test_fold import CASES, FILES, LOG, Example
from tests.oracle.fold import replay
from tests.oracle.model import Change, Leg, State

LIMIT = Decimal("9999999999.99")
# Our reading of R12, which the oracle lacks: a log shows the update of a row that it never saw created.
OURS_ALONE = {"r12_a_log_shows_an_update_of_what_was_there_before_it"}


def leg_of(case: Example) -> Leg:
    """The leg of an example, as the oracle has legs."""
    facts, is_log = case.leg, case.leg in (LOG, FILES)
    return Leg(
        "changes" if facts == FILES else "events", tuple(c for c in facts.covered if c != "id"),
        defaults=facts.defaults, limits=dict.fromkeys(facts.adds, (-LIMIT, LIMIT)),
        since=0 if facts.unset_is_unknown and not is_log else None, any_creates=facts.requires_create,
    )  # fmt: skip


def change_of(row: Rows, leg: Leg) -> Change:
    """A change of an example, as the oracle has changes: of columns that the leg covers."""
    said = {c: _value(c, text) for c, text in row["values"].items() if c in leg.columns}
    return Change(
        (row["id"],), int((row["occurred_at"] - START).total_seconds()), (row["position"],),
        "leave" if row["kind"] == "leave" else row["op"], said,
        {c: Decimal(text) for c, text in row["adds"].items()}, row.get("reverts"), row["creates"],
        row["event_id"], row["origin"],
    )  # fmt: skip


def _value(column: str, text: str | None) -> Any:
    return Decimal(text) if column == "amount" and text is not None else text


def told(state: State) -> dict[str, Any]:
    """What a state says of a key, under the names that the fold gives it."""
    row = {c: None if c in state.overflow else v for c, v in (state.row or {}).items()}
    return {
        **dict.fromkeys(SHAPE.values), **row, "_deleted": state.row is None, "_orphan": state.orphan,
        "_unknown": sorted(state.unknown), "_overflow": bool(state.overflow), "_lived": state.ever_lived,
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CASES if name not in OURS_ALONE])
def test_the_oracle_says_what_the_examples_say(name: str) -> None:
    case, leg = CASES[name], leg_of(CASES[name])
    of_key = [row for row in case.changes if row["id"] == case.key or row["op"] == "truncate"]
    state = replay(leg, [change_of(row, leg) for row in sorted(of_key, key=lambda row: row["position"])])
    if case.expected is None:
        assert not state.speaks
        return
    found = told(state)
    wanted = {column: value for column, value in case.expected.items() if column in found}
    assert {column: found[column] for column in wanted} == wanted
