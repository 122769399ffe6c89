"""Files of a source -> records, and what each record says: one module per format."""

from jobs.dialects.base import Dialect
from jobs.dialects.registry import SERVED, of

__all__ = ["SERVED", "Dialect", "of"]
