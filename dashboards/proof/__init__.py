"""What shows that a release is sound, for those who review it."""
