"""`tieout` as it is, and beside it a file that says how many Spark jobs it took and when each began.

`python -m bench.road.command FILE WORDS…` runs `tieout WORDS…`.
"""

import contextlib
import json
import sys
from pathlib import Path

from jobs import cli


def main(figures: Path, words: list[str]) -> None:
    """Run the command, and write the figures however it ends."""
    try:
        cli.main(words)
    finally:
        # Where the JVM is gone there is nobody to ask.
        with contextlib.suppress(Exception):
            figures.write_text(json.dumps(_jobs()))


def _jobs() -> list[float]:
    """When each Spark job of this process was submitted, in seconds since 1970."""
    from pyspark.sql import SparkSession

    spark = SparkSession.getActiveSession()
    if spark is None:
        return []
    known = spark.sparkContext._jsc.sc().statusStore().jobsList(None)
    submitted = (known.apply(n).submissionTime() for n in range(known.size()))
    return [each.get().getTime() / 1000 for each in submitted if each.isDefined()]


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
