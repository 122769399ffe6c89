"""The memory of this machine, or of the container around us -> the heap of a local session."""

import os
import re
from pathlib import Path

_MEGABYTE = 1 << 20
# A third: the rest is for Spark's memory beside the heap, Python, and the cache of files.
_PART = 3
_LEAST, _MOST = 1024, 16 * 1024
# From here on a ninth of the heap, which the parallel collector keeps free, is not missed.
_AMPLE = 4 * 1024
_WRITTEN = re.compile(r"(\d+)([kmgt]?)b?", re.IGNORECASE)
_MEGABYTES = {"k": 1 / 1024, "": 1, "m": 1, "g": 1024, "t": 1024**2}
# What limits the memory of a container, by the two versions of control groups; `max` is no limit.
_LIMITS = ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")


def default_heap(root: Path = Path("/"), physical: int | None = None) -> str:
    """Return the heap as Spark writes it, `7680m`: a third of the memory there is, from 1 to 16 GiB.

    `physical`: bytes of the machine, for tests; where nothing tells, the least is taken.
    """
    known = [_physical() if physical is None else physical, *(_limit(root / name) for name in _LIMITS)]
    there = min((size for size in known if size), default=0)
    return f"{min(max(there // _PART // _MEGABYTE, _LEAST), _MOST)}m"


def is_ample(heap: str) -> bool:
    """Whether a heap, as Spark writes it, is of four GiB and more; one that cannot be read is not."""
    written = _WRITTEN.fullmatch(heap.strip())
    return written is not None and int(written[1]) * _MEGABYTES[written[2].lower()] >= _AMPLE


def _physical() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0


def _limit(path: Path) -> int:
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return 0
    return int(text) if text.isdigit() else 0
