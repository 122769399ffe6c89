"""Console: what every command prints for people; text, tables and labels."""
