"""What the words on the pages mean, in plain words, with the numbers of the release that is shown."""

from dataclasses import dataclass
from typing import Final

from dashboards import texts
from dashboards.texts import Text


@dataclass(frozen=True)
class Definition:
    """A word and what it means; the meaning may speak of the numbers that `pages.method` gives it."""

    word: Text
    meaning: Text


COUNTED: Final = (
    Definition(
        Text("Device", "Appareil"),
        Text(
            "A phone line of one operator, under a pseudonym that lives for one day. All SIM cards of one holder are "
            "one device where the operator’s register names holders; here, what is counted are {unit}.",
            "Une ligne de téléphone d’un opérateur, sous un pseudonyme qui vit un jour. Toutes les cartes SIM d’un "
            "titulaire font un appareil si le fichier de l’opérateur nomme les titulaires ; ici, on compte des {unit}.",
        ),
    ),
    Definition(
        texts.OF_PEOPLE,
        Text(
            "Devices times the number of people that each stands for: the inhabitants of its home area and age over "
            "the operator’s customers there. An estimate, in steps of 10.",
            "Les appareils multipliés par le nombre de personnes que chacun représente : les habitants de sa zone "
            "d’habitation et de son âge, rapportés aux clients de l’opérateur. Une estimation, par pas de 10.",
        ),
    ),
    Definition(
        texts.OF_INTERVAL,
        Text(
            "Where the number of people lies with a confidence of {confidence}. It covers chance and rounding. It does "
            "not cover a wrong market share, nor a bias of the positions.",
            "Là où se trouve le nombre de personnes, avec une confiance de {confidence}. Il couvre le hasard et "
            "l’arrondi. Il ne couvre ni une part de marché fausse, ni un biais des positions.",
        ),
    ),
    Definition(
        Text("Presence", "Présence"),
        Text(
            "How many people are somewhere in a slot of {slot} minutes. A device counts once, in the hexagon where it "
            "spent most of the slot. A silent phone is taken to be at its place for up to 110 minutes.",
            "Combien de personnes sont quelque part pendant un créneau de {slot} minutes. Un appareil compte une fois, "
            "dans l’hexagone où il a passé le plus de temps. Un téléphone muet est supposé à sa place jusqu’à 110 "
            "minutes.",
        ),
    ),
    Definition(
        Text("Visitor, attendance", "Visiteur, fréquentation"),
        Text(
            "A visitor of a zone is somebody who spent at least 15 minutes there in the day, residents included; "
            "attendance counts each once, however often they came. It cannot be added up over days or zones.",
            "Un visiteur d’une zone y a passé au moins 15 minutes dans la journée, habitants compris ; la "
            "fréquentation le compte une fois, même s’il est venu plusieurs fois. Elle ne s’additionne "
            "ni sur des jours, ni sur des zones.",
        ),
    ),
    Definition(
        texts.DAY,
        Text(
            "From {start} to {start} the next day, so that the night of an event is whole. Nothing links a person from "
            "one day to the next.",
            "De {start} à {start} le lendemain, pour qu’une nuit de fête soit entière. Rien ne relie une personne d’un "
            "jour à l’autre.",
        ),
    ),
    Definition(
        Text("Dwell time", "Durée de présence"),
        Text(
            "All of a visitor’s time in a zone in the day, estimated from signals, in classes. A silence of up to four "
            "hours at one place counts as time there.",
            "Tout le temps d’un visiteur dans une zone pendant la journée, estimé d’après les signaux, par tranches. "
            "Un silence de quatre heures au plus au même endroit compte comme du temps sur place.",
        ),
    ),
    Definition(
        Text("Stay", "Séjour"),
        Text(
            "The time for which a device is known to be near one place; visits and flows are made of stays.",
            "Le temps pendant lequel un appareil est connu près d’un lieu ; visites et flux sont faits de séjours.",
        ),
    ),
    Definition(
        Text("Flow", "Flux"),
        Text(
            "How many people went from one zone to another, by the hour of departure; once for each pair and hour. "
            "Flows are not visits: who crosses a place is not among its visitors.",
            "Combien de personnes sont allées d’une zone à une autre, par heure de départ ; une fois par couple et par "
            "heure. Les flux ne sont pas des visites : qui traverse un lieu n’est pas parmi ses visiteurs.",
        ),
    ),
    Definition(
        Text("Resident, excursionist, tourist", "Habitant, excursionniste, touriste"),
        Text(
            "A resident’s line is billed in the zone. Others are tourists if they spent the night there (from midnight "
            "to {start}), excursionists if not; from abroad where their home network is.",
            "La ligne d’un habitant est facturée dans la zone. Les autres sont touristes s’ils y ont passé la nuit (de "
            "minuit à {start}), excursionnistes sinon ; étrangers si leur réseau d’origine l’est.",
        ),
    ),
)

COMPARED: Final = (
    Definition(
        Text("Same weekday", "Même jour de semaine"),
        Text(
            "The median of up to {days} nearest days of the same weekday, without those of events; of two "
            "days, their mean. Its interval is the median, or mean, of theirs.",
            "La médiane de {days} jours au plus, les plus proches du même jour de semaine, sans ceux d’événements ; "
            "de deux jours, leur moyenne. Son intervalle est la médiane, ou la moyenne, des leurs.",
        ),
    ),
    Definition(
        Text("Not significant", "Non significatif"),
        Text(
            "The interval of the figure and that of what it is compared with overlap: the difference may be chance.",
            "L’intervalle du chiffre et celui de la comparaison se recouvrent : l’écart peut être dû au hasard.",
        ),
    ),
)

PROTECTED: Final = (
    Definition(
        Text("k", "k"),
        Text(
            "The fewest different {unit} behind any figure: {k}. It is tested on exact counts, before any estimate.",
            "Le plus petit nombre de {unit} derrière un chiffre : {k}. Il est vérifié sur les comptes exacts, avant "
            "toute estimation.",
        ),
    ),
    Definition(
        Text("Counted together (pooled)", "Compté ensemble (regroupé)"),
        Text(
            "Places or classes below {k} are merged with neighbours by fixed public rules that do not look at counts. "
            "Nobody is lost; an empty place and one with a few people look alike.",
            "Les lieux ou les tranches sous {k} sont réunis avec leurs voisins par des règles publiques et fixes, qui "
            "ne regardent pas les comptes. Personne n’est perdu ; un lieu vide et un lieu de quelques personnes se "
            "ressemblent.",
        ),
    ),
    Definition(
        Text("Pooled share", "Part regroupée"),
        Text(
            "How many of the people counted in a zone are in areas of several hexagons, or in areas that reach beyond "
            "the zone; by its hours: those of the day, of an event, or of one slot.",
            "Combien des personnes comptées dans une zone sont dans des secteurs de plusieurs hexagones, ou dans des "
            "secteurs qui dépassent la zone ; selon les heures : celles de la journée, d’un événement ou d’un créneau.",
        ),
    ),
    Definition(
        Text("Not split", "Non ventilé"),
        Text(
            "A split by age or group is left out where one class would hold more than {share} of the people, or fewer "
            "than two known classes reach {k}.",
            "Une ventilation par âge ou catégorie n’est pas donnée si une classe réunissait plus de {share} des "
            "personnes, ou si moins de deux classes connues atteignent {k}.",
        ),
    ),
)

ROUNDED: Final = Definition(
    Text("Rounding", "Arrondi"),
    Text(
        "Counts of devices go up or down to a multiple of {rounding}, at random and right on average; people are in "
        "steps of 10.",
        "Les comptes d’appareils montent ou descendent à un multiple de {rounding}, au hasard et justes en moyenne ; "
        "les personnes sont par pas de 10.",
    ),
)
NOT_ROUNDED: Final = Definition(
    Text("Rounding", "Arrondi"),
    Text(
        "Counts of devices are not rounded in this release.",
        "Cette publication n’arrondit pas les comptes d’appareils.",
    ),
)
NOISED: Final = Definition(
    Text("Noise", "Bruit"),
    Text(
        "This release is under differential privacy: noise is added to counts, and the interval covers it.",
        "Cette publication est sous confidentialité différentielle : du bruit est ajouté aux comptes, et l’intervalle "
        "le couvre.",
    ),
)
NOT_NOISED: Final = Definition(
    Text("Noise", "Bruit"),
    Text(
        "None: protection is by merging and rounding. It is not differential privacy, and sets no bound on what "
        "somebody learns who already holds detailed data on the same people.",
        "Aucun : la protection vient du regroupement et de l’arrondi. Ce n’est pas de la confidentialité "
        "différentielle : elle ne borne pas ce qu’apprend qui détient déjà des données détaillées sur les mêmes "
        "personnes.",
    ),
)
