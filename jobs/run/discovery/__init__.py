"""Discovery: where a source's files lie and what its lake knows of them -> the files that are new."""
