"""Review: people look at discrepancies and compensations, and decide; no Spark."""

from jobs.review import render  # noqa: F401  # what is found prints itself by it
