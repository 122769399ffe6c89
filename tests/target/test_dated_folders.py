"""Dated folders: the newest with data is chosen, and later ones without data are never passed over unsaid."""

from datetime import UTC, datetime

import pytest

from jobs.errors import InputError
from jobs.target.dated_folders import Newest, folders, newest

DAILY = "dt=%Y-%m-%d"
FULL = ["dt=2026-11-26/a.parquet", "dt=2026-11-27/a.parquet"]


def on(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


def chosen(names: list[str], asked: datetime | None = None, pattern: str = DAILY) -> Newest:
    return newest(folders(names, pattern), "/store/", pattern, asked)


@pytest.mark.parametrize(
    ("more", "passed_over"),
    [
        ([], ()),
        (["dt=2026-11-28/"], ("dt=2026-11-28",)),
        (["dt=2026-11-28_$folder$"], ("dt=2026-11-28",)),
        (["dt=2026-11-28/_SUCCESS"], ("dt=2026-11-28",)),
        (["dt=2026-11-28/_temporary/0/a.parquet"], ("dt=2026-11-28",)),
        (["dt=2026-11-28/.a.parquet.crc", "dt=2026-11-29/"], ("dt=2026-11-29", "dt=2026-11-28")),
        (["dt=2026-11-25/_SUCCESS", "_SUCCESS", "", "else/a.parquet", "dt=2026-11-28"], ()),
    ],
)
def test_later_folders_without_data_are_named_the_newest_first(
    more: list[str], passed_over: tuple[str, ...]
) -> None:
    assert chosen([*FULL, *more]) == Newest(on(27), "dt=2026-11-27", passed_over)


def test_an_instant_that_is_asked_for_bounds_both() -> None:
    names = [*FULL, "dt=2026-11-28/_SUCCESS", "dt=2026-11-29/"]
    assert chosen(names, on(26)) == Newest(on(26), "dt=2026-11-26", ())
    assert chosen(names, on(28)) == Newest(on(27), "dt=2026-11-27", ("dt=2026-11-28",))


def test_folders_may_be_nested() -> None:
    names = ["y=2026/m=11/d=26/a", "y=2026/m=11/d=27/_SUCCESS", "y=2026/m=12/"]
    found = chosen(names, pattern="y=%Y/m=%m/d=%d/")
    assert (found.folder, found.passed_over) == ("y=2026/m=11/d=26", ("y=2026/m=11/d=27",))


@pytest.mark.parametrize(
    ("names", "asked", "why"),
    [
        (["dt=2026-11-28/_SUCCESS"], None, "dt=2026-11-28/ is there and holds no file of data"),
        (FULL, on(20), "at or before 2026-11-20T00:00:00Z under /store/: the first folder is dt=2026-11-26/"),
        (["day=1/a.parquet"], None, "no folder is named like dt=%Y-%m-%d; correct target.as_of.path"),
    ],
)
def test_where_none_can_be_chosen_the_reason_is_told(
    names: list[str], asked: datetime | None, why: str
) -> None:
    with pytest.raises(InputError) as refused:
        chosen(names, asked)
    assert why in str(refused.value)
