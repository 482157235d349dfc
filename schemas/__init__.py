"""What columns, tables, indicators and the configuration are: declared once, used by every other package."""
