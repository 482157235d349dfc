"""The feeds, one module each with a `FEED`: a new one is added here, and nowhere else."""
