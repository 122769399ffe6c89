"""The heap of a local session follows the memory that it may use."""

from pathlib import Path

import pytest

from jobs.spark.heap import default_heap, is_ample

GIB = 1 << 30


def _container(root: Path, name: str, limit: str) -> Path:
    path = root / "sys/fs/cgroup" / name
    path.parent.mkdir(parents=True)
    path.write_text(f"{limit}\n", encoding="ascii")
    return root


@pytest.mark.parametrize(
    ("physical", "heap"),
    [(24 * GIB, "8192m"), (6 * GIB, "2048m"), (1 * GIB, "1024m"), (256 * GIB, "16384m"), (0, "1024m")],
)
def test_it_is_a_third_of_the_machines_memory_within_bounds(tmp_path: Path, physical: int, heap: str) -> None:
    assert default_heap(tmp_path, physical) == heap


@pytest.mark.parametrize("name", ["memory.max", "memory/memory.limit_in_bytes"])
def test_a_containers_limit_counts_where_it_is_less(tmp_path: Path, name: str) -> None:
    root = _container(tmp_path, name, str(9 * GIB))
    assert default_heap(root, 64 * GIB) == "3072m"
    assert default_heap(root, 6 * GIB) == "2048m"


def test_no_limit_is_none(tmp_path: Path) -> None:
    assert default_heap(_container(tmp_path, "memory.max", "max"), 24 * GIB) == "8192m"


def test_this_machine_tells_its_memory() -> None:
    assert 1024 <= int(default_heap().removesuffix("m")) <= 16 * 1024


@pytest.mark.parametrize(
    ("heap", "ample"),
    [("4g", True), ("4096m", True), ("4096", True), ("8G", True), ("1t", True), ("4194304k", True),
     ("5gb", True), ("4095m", False), ("2g", False), ("much", False), ("", False)],
)  # fmt: skip
def test_a_heap_is_ample_however_it_is_written(heap: str, ample: bool) -> None:
    assert is_ample(heap) == ample
