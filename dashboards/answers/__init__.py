"""Named questions from a command line, and their answers."""
