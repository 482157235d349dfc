"""The server: feeds, fault reports, consultations and figures over HTTP."""
