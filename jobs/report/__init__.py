"""Report: the tables of a finished run -> a summary on the terminal and one self-contained HTML page."""
