"""What the names of folders say of the rows below them."""

import pytest

from jobs.target.names import folder_columns


@pytest.mark.parametrize(
    ("paths", "columns"),
    [
        (["/s/dt=1/a.csv"], []),
        (["/s/dt=1/shop=0042/a.csv", "/s/dt=1/shop=1/day=2/b.csv"], ["shop", "day"]),
        (["/s/dt=1/a=b.csv"], []),
        (["/s/dt=1/more/a.csv", "/s/dt=1/=x/a.csv"], []),
        (["/s/dt=1/a%20b=1/a.csv"], ["a b"]),
        (["/s/dt=11/shop=1/a.csv"], []),
    ],
)
def test_columns_are_of_folders_below_the_root(paths: list[str], columns: list[str]) -> None:
    assert folder_columns(paths, "/s/dt=1/") == columns
