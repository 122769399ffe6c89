"""A dataset and one key -> the life of that key over all legs, and how it came to be judged as it is."""

from jobs.explain import render  # noqa: F401  # an Explanation prints itself by it
from jobs.explain.build import explain
from jobs.explain.model import Explanation

__all__ = ["Explanation", "explain"]
