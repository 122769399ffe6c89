"""Commands: one module a group of commands; nothing heavy is imported before it is needed."""
