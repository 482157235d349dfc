"""Consultations: one answer for each person, kept apart from who gave it, and published once."""
