"""Input files, read as batches of rows under our column names."""
