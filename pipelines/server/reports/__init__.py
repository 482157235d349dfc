"""Signal Réseau: reports of faults by Open311 GeoReport v2, and the pages of who mends them and of who reports."""
