"""A connection -> what PostgreSQL holds of a table, as of one exported snapshot."""
