"""Canonical changes -> the latest state of every key, one table a leg."""
