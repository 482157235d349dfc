"""Calendars: what comes again, by the clock on the wall, and iCalendar files of it."""
