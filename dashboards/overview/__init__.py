"""A zone on a day at a glance."""
