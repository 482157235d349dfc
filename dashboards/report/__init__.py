"""The report of an event: two pages to hand over, as one HTML file that needs nothing else."""
