"""Loads are written before the log that follows them, in whatever order a copy was made."""

import os
from pathlib import Path

for load in Path("cdc").glob("LOAD*.csv"):
    os.utime(load, (1_772_000_000, 1_772_000_000))
