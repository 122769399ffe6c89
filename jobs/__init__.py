"""Tieout: reconciliation of event-driven systems over events, changes and the data store."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from jobs.api import Opened

__version__ = "0.1.0"
__all__ = ["__version__", "open"]


def open(config: str, env: str | None = None, spark: SparkSession | None = None) -> Opened:
    """Open the lake of a configuration, for notebooks: `jobs.open("conf").discrepancies("orders")`.

    Spark starts when something is read; without `spark` the running session is used, else a local one.

    Raises:
        ConfigError: the configuration has mistakes; all of them are told.
    """
    # Loaded late, so that `import jobs` costs nothing.
    from jobs.api import Opened
    from jobs.settings import load

    return Opened(load(config, env), spark)
