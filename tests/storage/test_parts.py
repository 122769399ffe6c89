"""Parts of objects: the beginning, the end, and piece by piece; alike in S3 and in local folders."""

from jobs.storage.objects import Objects
from tests.storage.test_objects import root as root  # the fixture

STORE = Objects()


def test_an_object_is_read_in_part_or_piece_by_piece(root: str) -> None:
    STORE.write(f"{root}/e/a", b"0123456789")

    assert (STORE.beginning(f"{root}/e/a", 3), STORE.tail(f"{root}/e/a", 3)) == (b"012", b"789")
    assert (STORE.beginning(f"{root}/e/a", 30), STORE.tail(f"{root}/e/a", 30)) == (b"0123456789",) * 2
    with STORE.opened(f"{root}/e/a") as body:
        assert body is not None
        assert [body.read(4), body.read(4), body.read(4), body.read(4)] == [b"0123", b"4567", b"89", b""]


def test_of_an_object_that_is_not_there_nothing_is_read(root: str) -> None:
    STORE.write(f"{root}/e/a", b"x")

    assert (STORE.beginning(f"{root}/e/b", 3), STORE.tail(f"{root}/e/b", 3)) == (b"", None)
    with STORE.opened(f"{root}/e/b") as body:
        assert body is None
