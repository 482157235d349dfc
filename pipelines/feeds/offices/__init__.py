"""The directory of the administration: what its desks say, read into what residents read."""
