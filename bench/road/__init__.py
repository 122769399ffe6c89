"""The road at real sizes: from files to verdicts, beside the same by hand in Spark and in DuckDB."""
