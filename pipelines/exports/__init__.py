"""Exports: a verified release in the formats of others."""
