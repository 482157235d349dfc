"""The page that residents read."""
