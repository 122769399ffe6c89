"""Parquet files, whoever wrote them: what they say of their columns, and the values that lie there."""
