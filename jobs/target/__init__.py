"""The store's snapshot: its files, as what they are -> its rows in its own columns."""
