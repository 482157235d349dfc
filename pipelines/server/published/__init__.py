"""The feeds that `hexaflux feeds build` wrote, as the server holds and answers them."""
