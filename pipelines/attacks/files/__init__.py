"""Attacks on what a release leaves in files: identifiers, pseudonyms, versions."""
