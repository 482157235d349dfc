"""Wi-Fi continuity: from heartbeats of access points to states, availability, fault reports and protected counts."""
