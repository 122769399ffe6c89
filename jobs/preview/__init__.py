"""A dataset's sources and target as they lie -> a taste of what a run would make of them; writes nothing."""

from jobs.preview.previewing import preview
from jobs.preview.taste import Preview

__all__ = ["Preview", "preview"]
