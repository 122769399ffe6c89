"""Discrepancies -> compensations, and these to the store: planned, approved, published, applied."""
