"""What stands on a map: areas with one figure each, whatever draws them."""
