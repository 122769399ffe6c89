"""Run: what one run reads, pinned before it starts; its context, and what became of it."""
