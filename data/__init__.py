"""Reference facts for the demo."""
