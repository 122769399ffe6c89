"""Lake: what Tieout's own tables are called, where they lie and which columns they have."""
