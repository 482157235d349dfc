"""Digital-inclusion centres: the national standard of lieux de médiation numérique, and what it does not check."""
