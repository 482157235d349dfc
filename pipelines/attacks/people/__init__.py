"""Attacks on a person whose steps are known, or are guessed from counts."""
