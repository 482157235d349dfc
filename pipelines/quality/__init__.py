"""How well the network was heard: events by cell, silences beyond a cell's own history, and the parts they reach."""
