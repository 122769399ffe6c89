"""A dataset's sources and target as they lie -> a preview of what a run would make of them; no writes."""

from jobs.preview import render  # noqa: F401  # a Preview prints itself by it
from jobs.preview.build import preview
from jobs.preview.model import Preview

__all__ = ["Preview", "preview"]
