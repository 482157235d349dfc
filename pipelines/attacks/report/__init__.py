"""What the battery found, told as text, as JSON, as a page that stands alone, and as a table over several releases."""
