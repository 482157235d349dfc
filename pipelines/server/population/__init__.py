"""How many people per square kilometre, from a release: CAMARA Population Density Data 1.0.0-rc.1."""
