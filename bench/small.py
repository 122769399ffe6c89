"""What stays small: a run that finds nothing new, from command to exit; twenty million changes in 2 GiB."""

import subprocess
import sys
import tempfile
from pathlib import Path

from pyspark.sql import functions as F

from bench.common import CONSOLE, LOG, SHAPE, changes, noop, seconds, two_cores
from jobs.fold import fold

CHANGES = 20_000_000


def measure(scale: float) -> None:
    """Measure both, and print seconds."""
    _nothing_new()
    rows = int(CHANGES * scale)
    with two_cores("2g") as spark, tempfile.TemporaryDirectory() as folder:
        key = F.pmod(F.xxhash64("id"), F.lit(rows * 2 // 5))
        changes(spark, rows, key, 32, F.lit(1)).write.mode("overwrite").parquet(folder)
        taken = seconds(lambda: noop(fold(spark.read.parquet(folder), SHAPE, LOG)))
    CONSOLE.print(f"{rows:,} changes folded in a heap of 2 GiB: {taken:.1f} s\n", highlight=False)


def _nothing_new() -> None:
    """The demo's shop, run; then the same command again, which has nothing to do."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder) / "shop"
        _tieout("demo", "--keep", str(shop))
        command = ("run", "orders", "-c", str(shop / "conf"))
        _tieout(*command)
        again = min(seconds(lambda: _tieout(*command)) for _ in range(3))
    CONSOLE.print(
        f"A run of all stages with nothing new, from command to exit: {again:.1f} s", highlight=False
    )


def _tieout(*words: str) -> None:
    command = str(Path(sys.executable).with_name("tieout"))
    subprocess.run([command, *words], check=True, capture_output=True)
