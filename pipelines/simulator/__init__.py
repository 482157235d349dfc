"""A simulated town: people who move, phones that emit, a network that sees them, and the truth to compare with.

Pure: `plane`, `area`, `people`, `day`, `movement`, `network`, `radio`, `phones`, `delivery`, `truth`. Files: `facts`,
`write`. `town` puts them together for Dijon.
"""
