"""New files of a source -> their records as they arrived, the refused ones, and what became of each file."""
