"""The one engine of both legs: canonical changes in position order -> the state of every key."""

from jobs.fold.engine import fold, standing
from jobs.fold.facts import LegSemantics
from jobs.lake.schema import DatasetSchema

__all__ = ["DatasetSchema", "LegSemantics", "fold", "standing"]
