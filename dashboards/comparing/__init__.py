"""Zones, days and events side by side."""
