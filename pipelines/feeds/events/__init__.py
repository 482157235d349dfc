"""Events of the town: what happens once or comes again."""
