"""Tieout: reconciliation of event-driven systems over events, changes and the data store."""

__version__ = "0.1.0"
