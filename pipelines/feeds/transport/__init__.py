"""Transport: disruptions of a network, told on its timetable (GTFS)."""
