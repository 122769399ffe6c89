"""What became of a file, by what was read of it and what is there."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jobs.ingest.fates import FileSummary, decide
from jobs.storage.objects import Objects
from jobs.storage.uri import ObjectInfo

GOOD = gzip.compress(b'{"a":1}', mtime=0)


def _file(path: Path, content: bytes | None) -> ObjectInfo:
    if content is not None:
        path.write_bytes(content)
    found = Objects().info(str(path))
    return found or ObjectInfo(str(path), str(path), "gone", 7, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "content", "written", "looked", "is_there", "status", "error"),
    [
        ("a.gz", GOOD, FileSummary(3, 2), None, True, "ingested", None),
        ("a.gz", GOOD, None, FileSummary(), True, "ingested", None),
        ("a.gz", GOOD, None, FileSummary(3), True, None, None),
        ("a.gz", b"", None, None, True, "ingested", None),
        ("a.gz", GOOD[:-5], None, None, True, "unreadable", "end-of-stream"),
        ("a.gz", b"not a gz file", None, None, True, "unreadable", "unpacked"),
        ("a.gz", GOOD[:15] + b"\xff\xff" + GOOD[17:], None, None, True, "unreadable", "unpacked"),
        ("a.gz", GOOD, None, None, True, None, None),
        ("a.json", b"{}", None, None, True, None, None),
        ("a.gz", GOOD, None, None, False, "vanished", "replaced"),
        ("a.gz", None, None, None, True, "vanished", "removed"),
    ],
    ids=[
        "with_records",
        "without_records",
        "readable_the_second_time",
        "of_no_bytes",
        "cut_short",
        "no_gz",
        "damaged_within",
        "readable_here",
        "plain_and_readable_here",
        "listed_no_more",
        "gone_while_looking",
    ],
)
def test_fate_of_a_file(
    tmp_path: Path,
    name: str,
    content: bytes | None,
    written: FileSummary | None,
    looked: FileSummary | None,
    is_there: bool,
    status: str | None,
    error: str | None,
) -> None:
    file = _file(tmp_path / name, content)
    version = (file.path, file.etag)
    tallies, again = ({version: tally} if tally else {} for tally in (written, looked))
    fates = decide([file], tallies, again, frozenset([version] if is_there else []), Objects())
    assert [path.path for path in fates.deferred] == ([] if status else [file.path])
    assert [fate.status for fate in fates.settled] == ([status] if status else [])
    if error:
        assert error in str(fates.settled[0].error)
