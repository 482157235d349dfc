"""What the pages say, in English and in French side by side, and the names of the published values."""

from dataclasses import dataclass
from typing import Final

from schemas import feeds
from schemas.dates import Language as Language
from schemas.typography import set_in_french
from schemas.vocabulary import ALL, FOREIGN, SEPARATOR, UNKNOWN

LANGUAGES: Final[dict[Language, str]] = {"fr": "Français", "en": "English"}


@dataclass(frozen=True)
class Text(feeds.Text):
    """A text in both languages; braces take the values that it is said with."""

    def say(self, language: Language, **values: object) -> str:
        """The text in a language."""
        return (set_in_french(self.fr) if language == "fr" else self.en).format(**values)


ZONE: Final = Text("Zone", "Zone")
DAY: Final = Text("Day", "Jour")
LANGUAGE: Final = Text("Language", "Langue")
TIME: Final = Text("Time", "Heure")
PEOPLE: Final = Text("people", "personnes")
BETWEEN: Final = Text("{low} to {high}", "{low} à {high}")
OF_INTERVAL: Final = Text("Interval", "Intervalle")
OF_PEOPLE: Final = Text("People", "Personnes")
OF_STATE: Final = Text("State", "État")
OF_DEVICES: Final = Text("Devices", "Appareils")
OF_DENSITY: Final = Text("People per km²", "Personnes par km²")
MOST_AT_ONCE: Final = Text("Most at once", "Au plus fort")
INTERVAL: Final = Text("{confidence} interval: {between}", "intervalle à {confidence} : {between}")
PEOPLE_BETWEEN: Final = Text("{people} people ({between})", "{people} personnes ({between})")
NOTHING: Final = Text("not published", "non publié")
AS_TABLE: Final = Text("The same figures as a table", "Les mêmes chiffres en tableau")
EVENT_DAY: Final = Text("{day}, {start} to {end}", "{day}, de {start} à {end}")
EVENT_DAYS: Final = Text("{day}, {start}, to {last}, {end}", "du {day} à {start} au {last} à {end}")
WHOLE_DAY: Final = Text("{day}, {start} to {end} the next day", "{day}, de {start} à {end} le lendemain")
THRESHOLD: Final = Text("k = {k} {unit}", "k = {k} {unit}")
EPSILON: Final = Text("ε = {epsilon} a day", "ε = {epsilon} par jour")
RELEASE: Final = Text("release {head}", "publication {head}")
SIMULATED: Final = Text("Simulated data", "Données simulées")

TEST: Final = Text(
    "**Test release.** Its keys may be known: it protects nobody, and must hold simulated people only.",
    "**Publication d’essai.** Ses clés peuvent être connues : elle ne protège personne et ne doit porter que sur des "
    "personnes simulées.",
)
NOT_PUBLISHED: Final = Text(
    "**Not published.** On this day, fewer than {k} {unit} were counted here, or too few to be told apart from the "
    "area around it. It is not zero.",
    "**Non publié.** On a compté ici, ce jour-là, moins de {k} {unit}, ou trop peu pour les distinguer de la zone qui "
    "entoure celle-ci. Ce n’est pas zéro.",
)
NO_FIGURE: Final = Text(
    "**Nothing was published of what is asked for here**: fewer than {k} {unit} were counted. It is not zero.",
    "**Rien n’a été publié de ce qui est demandé ici** : on a compté moins de {k} {unit}. Ce n’est pas zéro.",
)
STILL_OPEN: Final = Text(
    "**This day is not over.** Presence is shown as far as it is published; figures of the whole day come when it is.",
    "**Ce jour n’est pas terminé.** La présence est montrée jusqu’où elle est publiée ; les chiffres du jour entier "
    "viendront à sa fin.",
)
SENSITIVE: Final = Text(
    "**Sensitive place.** It has a total for the day and nothing finer.",
    "**Lieu sensible.** Il a un total du jour et rien de plus fin.",
)
WITH_SENSITIVE: Final = Text(
    "**Not split.** The figure counts a sensitive place too, which has a total for the day and nothing finer.",
    "**Non ventilé.** Le chiffre compte aussi un lieu sensible, qui a un total du jour et rien de plus fin.",
)
NOISY_ONLY: Final = Text(
    "**Not split.** Under differential privacy, presence and the total of the day are published, and nothing that "
    "splits them.",
    "**Non ventilé.** Sous confidentialité différentielle, la présence et le total du jour sont publiés, et rien qui "
    "les ventile.",
)
TOGETHER: Final = Text(
    "**Counted together: {zones}.** At least one of them is too small, or sensitive, to have a figure of its own. The "
    "figures below are of all of them together.",
    "**Comptées ensemble : {zones}.** L’une d’elles au moins est trop petite, ou sensible, pour avoir son propre "
    "chiffre. Les chiffres ci-dessous valent pour l’ensemble.",
)
OTHER_ZONES: Final = Text(
    "This day was published with other zones, which are no longer in the release. Only zones that kept their name "
    "have figures.",
    "Ce jour a été publié avec d’autres zones, qui ne sont plus dans la publication. Seules celles qui ont gardé leur "
    "nom ont des chiffres.",
)
INTERVAL_COVERS: Final = Text(
    "The interval ({confidence}) covers chance and rounding. It does not cover a wrong market share, nor a bias of the "
    "positions, which are estimated from radio cells. A difference is not significant where two intervals overlap.",
    "L’intervalle ({confidence}) couvre le hasard et l’arrondi. Il ne couvre ni une part de marché fausse, ni un biais "
    "des positions, qui sont estimées d’après les cellules radio. Un écart n’est pas significatif si deux "
    "intervalles se recouvrent.",
)
NOTE: Final = Text(
    "Every figure is of at least {k} {unit}, rounded.",
    "Chaque chiffre porte sur au moins {k} {unit}, arrondi.",
)
NOTE_OF_MEAN: Final = Text(
    "Every published figure that a mean is made of is of at least {k} {unit}, rounded.",
    "Chaque chiffre publié dont une moyenne est faite porte sur au moins {k} {unit}, arrondi.",
)
NOTE_OF_FEEDS: Final = Text(
    "Feeds are made of the town’s own files and count no phones. The lines below are about the release that the other "
    "pages show.",
    "Les flux sont faits des fichiers de la ville et ne comptent aucun téléphone. Les lignes ci-dessous portent sur la "
    "publication que montrent les autres pages.",
)
FOOTER: Final = Text(
    "Release {release} · days {first} to {last} · k = {k} {unit} · manifest {head}",
    "Publication {release} · journées du {first} au {last} · k = {k} {unit} · manifeste {head}",
)
FOOTER_ONE_DAY: Final = Text(
    "Release {release} · day {first} · k = {k} {unit} · manifest {head}",
    "Publication {release} · journée du {first} · k = {k} {unit} · manifeste {head}",
)
READ_AT: Final = Text(
    "read and compared with its manifest on {day} at {time}", "lue et comparée à son manifeste le {day} à {time}"
)
HOW_TO_VERIFY: Final = Text("How to verify these figures", "Comment vérifier ces chiffres")
VERIFY: Final = Text(
    "This dashboard reads published files only. It verified their signatures and all of their rules before it showed "
    "them. Anybody who has a copy can do the same, without raw data:",
    "Ce tableau de bord ne lit que des fichiers publiés. Il en a vérifié les signatures et toutes les règles avant de "
    "les montrer. Quiconque en a une copie peut en faire autant, sans données brutes :",
)
VERIFY_MORE: Final = Text(
    "What was done to the figures, and what they cannot tell, is written in `manifest/statement.en.md`.",
    "Ce qui a été fait de ces chiffres, et ce qu’ils ne peuvent pas dire, est écrit dans `manifest/statement.fr.md`.",
)
REFUSED: Final = Text(
    "This release is not shown: it does not verify.", "Cette publication n’est pas montrée : elle n’est pas conforme."
)

BASELINE: Final = Text("Compared with", "Comparé à")
BASELINES: Final = {
    "weekday": Text("the same weekday", "même jour de semaine"),
    "edition": Text("the last edition", "la dernière édition"),
    "none": Text("nothing", "rien"),
}
EVENT: Final = Text("Event", "Événement")
OTHER_EVENT: Final = Text("another zone and day", "autre zone et autre jour")
AGAINST_EDITION: Final = Text("against {people} at the last edition", "par rapport à {people} à la dernière édition")
AGAINST_ONE: Final = Text("against {people} on another {weekday}", "par rapport à {people} un autre {weekday}")
AGAINST_SOME: Final = Text(
    "against {people}, the {middle} of {days} other {weekday}s",
    "par rapport à {people}, la {middle} de {days} autres {weekday}s",
)
NOT_SIGNIFICANT: Final = Text(
    "not significant: the intervals overlap", "non significatif : les intervalles se recouvrent"
)
NOT_SURE: Final = Text("not significant", "non significatif")
BASE_EDITION: Final = Text("({people} at the last edition)", "({people} à la dernière édition)")
BASE_ONE: Final = Text("({people} on another {weekday})", "({people} un autre {weekday})")
BASE_SOME: Final = Text("({people}, {middle} of {days} {weekday}s)", "({people}, {middle} de {days} {weekday}s)")
MEDIAN: Final = Text("median", "médiane")
MEAN: Final = Text("mean", "moyenne")
ONE_SLOT: Final = Text("{count} of {all} slots", "{count} créneau sur {all}")
SEVERAL_SLOTS: Final = Text("{count} of {all} slots", "{count} créneaux sur {all}")
COPY: Final = Text("Copy link", "Copier le lien")
COPIED: Final = Text("Link copied", "Lien copié")

POOLED_SHARE: Final = Text("Pooled share", "Part regroupée")
POOLED_MEANS: Final = Text(
    "of the people counted here {when} are, for privacy, in areas of several hexagons, or that reach beyond the zone",
    "des personnes comptées ici {when} sont, pour la vie privée, dans des secteurs de plusieurs hexagones, ou qui "
    "dépassent la zone",
)
OVER_DAY: Final = Text("over the day", "sur la journée")

REST: Final = Text("outside the zones", "hors des zones")
TERRITORY: Final = Text("whole territory", "tout le territoire")

KINDS: Final = {
    "commune": Text("municipality", "commune"),
    "district": Text("district", "quartier"),
    "venue": Text("venue", "lieu"),
    "hospital": Text("hospital", "hôpital"),
}
"""Kinds of zone that are often met; any other is said as the zones file says it."""

UNITS: Final = {
    "holders": Text("holders of a line", "titulaires de ligne"),
    "SIMs": Text("SIM cards", "cartes SIM"),
}

_SPC: Final = {
    "1": Text("Farmers", "Agriculteurs exploitants"),
    "2": Text("Craftspeople, shopkeepers, business owners", "Artisans, commerçants et chefs d’entreprise"),
    "3": Text("Managers and professionals", "Cadres et professions intellectuelles supérieures"),
    "4": Text("Intermediate occupations", "Professions intermédiaires"),
    "5": Text("Clerical, sales and service workers", "Employés"),
    "6": Text("Manual workers", "Ouvriers"),
    "7": Text("Retired", "Retraités"),
    "8": Text("Others without occupation", "Autres personnes sans activité professionnelle"),
}
"""Socio-professional groups. Source: INSEE, nomenclature PCS, level 1; the English is ours."""

_AGE: Final = {
    "<18": Text("under 18", "moins de 18 ans"),
    "65+": Text("65 and over", "65 ans et plus"),
}
_YEARS: Final = Text("{low} to {high}", "{low} à {high} ans")
_DWELL: Final = {
    "<30 min": Text("15 to 30 min", "de 15 à 30 min"),
    "30-60 min": Text("30 min to 1 h", "de 30 min à 1 h"),
    "1-2 h": Text("1 to 2 h", "de 1 à 2 h"),
    "2-4 h": Text("2 to 4 h", "de 2 à 4 h"),
    "4-8 h": Text("4 to 8 h", "de 4 à 8 h"),
    ">=8 h": Text("8 h or more", "8 h ou plus"),
}
_DISTANCE: Final = {
    "<2 km": Text("under 2 km", "moins de 2 km"),
    "2-5 km": Text("2 to 5 km", "de 2 à 5 km"),
    "5-10 km": Text("5 to 10 km", "de 5 à 10 km"),
    "10-20 km": Text("10 to 20 km", "de 10 à 20 km"),
    "20-50 km": Text("20 to 50 km", "de 20 à 50 km"),
    ">=50 km": Text("50 km or more", "50 km ou plus"),
}
_CATEGORY: Final = {
    "resident": Text("residents of the zone", "habitants de la zone"),
    "excursionist": Text("excursionists", "excursionnistes"),
    "tourist": Text("tourists", "touristes"),
    "foreign excursionist": Text("excursionists from abroad", "excursionnistes étrangers"),
    "foreign tourist": Text("tourists from abroad", "touristes étrangers"),
}
_ANY: Final = {
    UNKNOWN: Text("not known", "non connu"),
    FOREIGN: Text("foreign visitors", "visiteurs étrangers"),
    ALL: Text("all together", "tous ensemble"),
}

_NAMES: Final = {
    "spc": _SPC,
    "dwell_band": _DWELL,
    "age_band": _AGE,
    "visitor_category": _CATEGORY,
    "distance_class": _DISTANCE,
}


def kind_name(kind: str, language: Language) -> str:
    """The name of a kind of zone."""
    return KINDS[kind].say(language) if kind in KINDS else kind


def value_name(attribute: str, value: str, language: Language) -> str:
    """The name of a published value; one that merges several is all of their names, joined by `+`."""
    return " + ".join(_name(attribute, member).say(language) for member in value.split(SEPARATOR))


def _name(attribute: str, value: str) -> Text:
    if value in _ANY:
        return _ANY[value]
    names = _NAMES.get(attribute, {})
    if value in names:
        return names[value]
    low, _, high = value.partition("-")
    if attribute == "age_band" and high:
        return Text(_YEARS.say("en", low=low, high=high), _YEARS.say("fr", low=low, high=high))
    return Text(value, value)
