"""Validate: tables as written and counts of a run -> rows of `expectation_results` and a verdict."""
