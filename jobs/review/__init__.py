"""Review: people look at discrepancies and compensations, and decide; no Spark."""
