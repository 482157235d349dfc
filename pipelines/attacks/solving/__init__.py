"""Attacks that solve for numbers which are not printed."""
