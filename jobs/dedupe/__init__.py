"""Records of a source -> canonical changes of a dataset, each once; what contradicts, and what is refused."""
