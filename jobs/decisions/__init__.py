"""Decisions: of a person -> an object of the inbox -> a row of `decisions` that the next run obeys."""
