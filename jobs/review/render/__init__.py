"""Render: what is under review -> pages for people; importing it registers them all."""

from jobs.review.render import compensations, decided, discrepancies, rejects

__all__ = ["compensations", "decided", "discrepancies", "rejects"]
