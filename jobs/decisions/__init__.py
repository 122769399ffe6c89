"""Decisions: a person's word -> an object of the inbox -> a row of `decisions` that the next run obeys."""
