"""The civic feeds of a town, as the folder that they are published in holds them."""
