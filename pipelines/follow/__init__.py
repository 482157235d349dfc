"""Follow mode: events are taken as they arrive, and each window is published once, when it falls due."""
