"""The words of the page of residents, in French and in English."""

from collections.abc import Mapping
from typing import Final

from pipelines.feeds.page.dates import abbreviated
from schemas.dates import DAYS, MONTHS, Language
from schemas.feeds import Text

NAMES: Final[Mapping[Language, str]] = {"fr": "Français", "en": "English"}

WORDS: Final[Mapping[str, Text]] = {
    "title": Text("{}: open now, coming up", "{} : ouvert maintenant, à venir"),
    "tagline": Text("What is open, what changes, what comes next.", "Ce qui est ouvert, ce qui change, ce qui vient."),
    "skip": Text("Skip to the content", "Aller au contenu"),
    "languages": Text("Language", "Langue"),
    "contents": Text("On this page", "Sur cette page"),
    "moment": Text("{}, {}", "{} à\u00a0{}"),
    "as_of": Text("As of {}", "État au {}"),
    "town_time": Text("time of {}", "heure de {}"),
    "no_script": Text(
        "Without JavaScript, this page shows that moment only.",
        "Sans JavaScript, cette page ne montre que cet instant.",
    ),
    "show_for": Text("Show for:", "Afficher pour\u00a0:"),
    "show": Text("Show", "Afficher"),
    "back_to_now": Text("Back to now", "Revenir à maintenant"),
    "bad_moment": Text(
        "The moment in the address cannot be read; this is now.",
        "L’instant demandé dans l’adresse n’est pas lisible\u00a0; voici maintenant.",
    ),
    "open": Text("Open", "Ouvert"),
    "closed": Text("Closed", "Fermé"),
    "unknown": Text("Unknown", "Inconnu"),
    "opens": Text("opens {}", "ouvre {}"),
    "closes": Text("closes {}", "ferme {}"),
    "at": Text("at {}", "à\u00a0{}"),
    "at_midnight": Text("at midnight", "à minuit"),
    "tomorrow": Text("tomorrow at {}", "demain à\u00a0{}"),
    "on_weekday": Text("{} at {}", "{} à\u00a0{}"),
    "on_date": Text("on {} at {}", "le {} à\u00a0{}"),
    "no_hours": Text("no hours published", "horaires non publiés"),
    "since": Text("since {}", "depuis le {}"),
    "only_until": Text("hours are published until {}", "horaires publiés jusqu’au {}"),
    "only_from": Text("hours are published from {}", "horaires publiés à partir du {}"),
    "count_open": Text("{} open", "{} ouverts"),
    "none_open": Text("none open", "aucun ouvert"),
    "one_open": Text("1 open", "1 ouvert"),
    "week": Text("Next 7 days", "7 prochains jours"),
    "today": Text("Today", "Aujourd’hui"),
    "not_open": Text("closed", "fermé"),
    "all_day": Text("all day", "24\u00a0h sur 24"),
    "not_known": Text("unknown", "inconnu"),
    "midnight": Text("midnight", "minuit"),
    "closure": Text("Exceptional hours {}: ", "Horaires exceptionnels {}\u00a0: "),
    "one_day": Text("on {}", "le {}"),
    "from_to": Text("from {} to {}", "du {} au {}"),
    "until": Text("until {}", "jusqu’au {}"),
    "dates": Text("Next dates", "Prochaines dates"),
    "more_dates": Text("{} more dates", "{} autres dates"),
    "no_dates": Text("No date known", "Aucune date connue"),
    "stale": Text("Unknown since {}", "Inconnu depuis le {}"),
    "all_stale": Text(
        "This section is out of date: unknown since {}.",
        "Cette rubrique n’est plus à jour\u00a0: inconnu depuis le {}.",
    ),
    "updated": Text("Updated on {}.", "Mise à jour le {}."),
    "valid": Text("Valid until {}.", "Valable jusqu’au {}."),
    "nothing": Text("Nothing to report for now.", "Rien à signaler pour le moment."),
    "more": Text("Show {} more", "Voir les {} suivants"),
    "one_more": Text("Show 1 more", "Voir le suivant"),
    "filter": Text("Narrow down: {}", "Affiner\u00a0: {}"),
    "all": Text("All", "Tout"),
    "others": Text("Others", "Autres"),
    "part": Text("See", "Voir"),
    "tag": Text("Service", "Service"),
    "search": Text("Name", "Nom"),
    "open_only": Text("Open now only", "Ouverts maintenant"),
    "nothing_left": Text("Nothing matches.", "Rien ne correspond."),
    "calendar": Text("Add to my calendar", "Ajouter à mon agenda"),
    "files": Text("Open data of this section", "Données ouvertes de cette rubrique"),
    "standard": Text("Standard: {}.", "Standard\u00a0: {}."),
    "everything": Text("All data of the town (manifest.json)", "Toutes les données de la ville (manifest.json)"),
    "report": Text("What was corrected or left out (report.json)", "Ce qui est signalé ou écarté (report.json)"),
    "made": Text("Page made on {}.", "Page faite le {}."),
    "private": Text(
        "It asks no other site for anything, keeps no cookie and counts no visit.",
        "Elle ne demande rien à un autre site, ne garde aucun cookie et ne compte aucune visite.",
    ),
    "top": Text("Back to the top", "Retour en haut de page"),
}
"""Where texts stand in them, `{}` does."""

SCRIPT: Final = (
    *("moment", "as_of", "open", "closed", "unknown", "opens", "closes", "at", "at_midnight", "tomorrow", "on_weekday"),
    *(
        "on_date",
        "since",
        "only_until",
        "only_from",
        "count_open",
        "none_open",
        "one_open",
        "today",
        "not_open",
        "all_day",
    ),
    *("not_known", "midnight"),
)
"""Those that the script needs."""


def words(language: Language) -> dict[str, str]:
    """The words of a language."""
    return {name: text.en if language == "en" else text.fr for name, text in WORDS.items()}


def for_script(language: Language) -> dict[str, object]:
    """What the script says, with the names of days and months."""
    spoken = words(language)
    return {
        **{name: spoken[name] for name in SCRIPT},
        "days": DAYS[language],
        "short": [abbreviated(weekday, language) for weekday in range(7)],
        "months": MONTHS[language],
    }
