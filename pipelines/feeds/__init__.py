"""Civic feeds: what a town tells its residents, from its own files to standard, validated, static ones."""
