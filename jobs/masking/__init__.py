"""Masking: what may be shown of masked columns, and of the rows that hold them."""
