"""Names of columns: any case of letters finds them; where it alone tells them apart nothing is guessed."""

import pytest

from jobs.compensate.consumer.names import in_table


def test_any_case_of_letters_finds_a_column() -> None:
    assert in_table({"ORDER no": 1, "a.B": None}, ["Order No", "a.b", "other", "OTHER"]) == {
        "Order No": 1, "a.b": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"colour": 1, "size": 2}, "the table has no column colour, size"),
        ({"id": 1}, "ID and Id differ in case alone"),
        ({"State": 1, "state": 2}, "State and state differ in case alone"),
    ],
)
def test_what_is_not_there_or_not_the_only_one_is_refused(row: dict[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        in_table(row, ["Id", "ID", "state"])
