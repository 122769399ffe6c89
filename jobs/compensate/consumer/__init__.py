"""Consumer: compensations from a queue or from their table -> the store, each once; what became of them."""
