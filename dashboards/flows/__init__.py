"""Flows: from where to where people go, as tables, figures, a map and a matrix."""
