"""Expectation suites, one JSON file a table; a package so that they travel in the wheel."""
