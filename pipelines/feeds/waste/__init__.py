"""Waste rounds: when which stream is collected in which sector."""
