"""How far a release is from the simulated truth: pure comparisons of small tables, and the command that shows them.

Each comparison is a module of its own; `sheet.py` puts them together.
"""
