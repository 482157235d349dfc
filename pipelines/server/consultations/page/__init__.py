"""The page on which people answer: written by the server, without scripts."""
