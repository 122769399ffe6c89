"""Files: which two of a source's files are worth a look."""

from datetime import UTC, datetime, timedelta

import pytest

from jobs.dialects.dms import kind
from jobs.preview.files import chosen
from jobs.storage.uri import ObjectInfo


def _file(name: str, minute: int, size: int = 10) -> ObjectInfo:
    at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=minute)
    return ObjectInfo(f"raw/{name}", f"s3://raw/{name}", "x", size, at)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ([], []),
        ([_file("a.csv", 1)], ["a.csv"]),
        ([_file("a.csv", 1), _file("b.csv", 2), _file("c.csv", 3)], ["a.csv", "c.csv"]),
        ([_file("a.csv", 9), _file("b.csv", 2), _file("c.csv", 3)], ["a.csv"]),
        ([_file("a.csv", 1, size=0), _file("b.csv", 2), _file("c.csv", 3, size=0)], ["b.csv"]),
        (
            [_file("2026.csv", 5), _file("2027.csv", 4), _file("LOAD1.csv", 1), _file("LOAD2.csv", 2)],
            ["LOAD1.csv", "2026.csv"],
        ),
        ([_file("LOAD1.csv", 1), _file("LOAD2.csv", 2)], ["LOAD1.csv"]),
    ],
)
def test_the_first_and_the_newest_or_a_load_and_a_change(files: list[ObjectInfo], names: list[str]) -> None:
    choice = chosen(files, kind)
    assert [file.path for file in choice.files] == [f"raw/{name}" for name in names]
    assert choice.there == len(files)
