"""How accurate releases are, over simulated towns: `python -m tests.accuracy`."""
