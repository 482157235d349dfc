"""Causes and effects of GTFS-Realtime, and how residents read them."""

from typing import Final

from schemas.feeds import Text

CAUSES: Final = {
    "unknown_cause": Text("Unknown cause", "Cause inconnue"),
    "other_cause": Text("Other cause", "Autre cause"),
    "technical_problem": Text("Technical problem", "Problème technique"),
    "strike": Text("Strike", "Grève"),
    "demonstration": Text("Demonstration", "Manifestation"),
    "accident": Text("Accident", "Accident"),
    "holiday": Text("Public holiday", "Jour férié"),
    "weather": Text("Weather", "Conditions météorologiques"),
    "maintenance": Text("Maintenance", "Maintenance"),
    "construction": Text("Works", "Travaux"),
    "police_activity": Text("Police operation", "Intervention de police"),
    "medical_emergency": Text("Medical emergency", "Urgence médicale"),
}
EFFECTS: Final = {
    "no_service": Text("No service", "Service interrompu"),
    "reduced_service": Text("Reduced service", "Service réduit"),
    "significant_delays": Text("Long delays", "Retards importants"),
    "detour": Text("Detour", "Déviation"),
    "additional_service": Text("More vehicles", "Service renforcé"),
    "modified_service": Text("Changed service", "Service modifié"),
    "other_effect": Text("Other effect", "Autre conséquence"),
    "unknown_effect": Text("Disruption", "Perturbation"),
    "stop_moved": Text("Stop moved", "Arrêt déplacé"),
    "no_effect": Text("No effect", "Sans conséquence"),
    "accessibility_issue": Text("Access without steps", "Accessibilité"),
}
"""The enumerations of GTFS-Realtime 2.0, in small letters."""
