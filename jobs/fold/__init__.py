"""The one engine of both legs: canonical changes in position order -> the state of every key."""

from jobs.fold.engine import fold, standing
from jobs.lake.schema import LegFacts, Shape

__all__ = ["LegFacts", "Shape", "fold", "standing"]
