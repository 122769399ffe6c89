"""Spark: the session, Delta tables, and the column helpers that every stage shares."""
