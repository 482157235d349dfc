"""Pages over released files."""
