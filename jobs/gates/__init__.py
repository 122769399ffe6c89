"""Gates: what a run counted and what its tables' suites say -> may what it found go further (R18)."""
