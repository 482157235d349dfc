"""What a reader can take away from a page: its tables and its pictures, one module for each format."""
