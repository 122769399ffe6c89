"""A dataset and one key -> its changes on all legs, and why it is judged as it is."""

from jobs.explain import render  # noqa: F401  # an Explanation prints itself by it
from jobs.explain.build import explain
from jobs.explain.model import Explanation

__all__ = ["Explanation", "explain"]
