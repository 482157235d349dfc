"""Those who came, split into published classes."""
