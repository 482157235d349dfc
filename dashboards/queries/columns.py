"""What the columns of the answers mean: a name means the same in all of them."""

from typing import Final

from dashboards.texts import Text

COLUMNS: Final = {
    "day": Text("privacy day", "jour"),
    "window_start": Text("instant at which the slot or hour begins", "instant où commence le créneau ou l’heure"),
    "clock": Text(
        "its local time; with b where the clock shows it a second time",
        "son heure locale ; avec b si l’horloge la montre une seconde fois",
    ),
    "zone_id": Text(
        "zone of the figure; zones that were counted together are joined with |",
        "zone du chiffre ; des zones comptées ensemble sont jointes par |",
    ),
    "value": Text("published class, several joined with |", "classe publiée, plusieurs jointes par |"),
    "arrival_hour": Text(
        "local hour of arrival, several joined with |", "heure locale d’arrivée, plusieurs jointes par |"
    ),
    "inside": Text(
        "whether the parts lie in the zone; else they reach beyond it, and must not be added to the others",
        "si les secteurs sont dans la zone ; sinon ils la dépassent, et ne s’ajoutent pas aux autres",
    ),
    "parts": Text("published parts behind the figure", "secteurs publiés derrière le chiffre"),
    "devices": Text("devices counted, as published", "appareils comptés, tels que publiés"),
    "people": Text("people, estimated", "personnes, estimées"),
    "people_low": Text("lower end of the interval of people", "bas de l’intervalle des personnes"),
    "people_high": Text("upper end of the interval of people", "haut de l’intervalle des personnes"),
    "slots": Text(
        "slots of the day in which the zone has parts of its own",
        "créneaux du jour où la zone a des secteurs à elle",
    ),
    "origin": Text("zone that is left, several joined with |", "zone quittée, plusieurs jointes par |"),
    "destination": Text(
        "zone that is reached, several joined with |; all where origins are pooled",
        "zone atteinte, plusieurs jointes par | ; all si les origines sont regroupées",
    ),
    "distance_class": Text("class of distance, several joined with |", "classe de distance, plusieurs jointes par |"),
    "direction": Text("out of the zone, or in", "out : de la zone, in : vers elle"),
    "alone": Text(
        "whether the zone alone is that end of the trips; else they are those of several zones together",
        "si la zone est seule à ce bout des déplacements ; sinon ce sont ceux de plusieurs zones ensemble",
    ),
    "trips": Text(
        "people’s trips, estimated: a person counts once for each pair and hour",
        "déplacements, estimés : une personne compte une fois par couple et par heure",
    ),
    "trips_low": Text("lower end of the interval of trips", "bas de l’intervalle des déplacements"),
    "trips_high": Text("upper end of the interval of trips", "haut de l’intervalle des déplacements"),
    "hours": Text("hours that were published", "heures publiées"),
    "weekday": Text(
        "monday-friday, saturday or sunday, by the privacy day",
        "monday-friday (lundi à vendredi), saturday (samedi) ou sunday (dimanche)",
    ),
    "days": Text("days of that kind in the release", "jours de ce type dans la publication"),
    "days_published": Text(
        "those of them that have a figure of the pair, which alone the mean is of",
        "ceux qui ont un chiffre pour ce couple, sur lesquels seuls porte la moyenne",
    ),
    "trips_least": Text(
        "the mean over all days where one without a figure counts as none: it is that or more",
        "la moyenne sur tous les jours si un jour sans chiffre compte pour zéro : c’est cela ou plus",
    ),
    "cell": Text("H3 index", "indice H3"),
    "covered": Text(
        "whether a part of presence ever held it; else the network does not reach it",
        "si un secteur de présence l’a jamais contenu ; sinon le réseau ne l’atteint pas",
    ),
    "single_people": Text("people in single hexagons of the zone", "personnes dans des hexagones seuls de la zone"),
    "merged_people": Text(
        "people in parts of several hexagons, all in the zone",
        "personnes dans des secteurs de plusieurs hexagones, tous dans la zone",
    ),
    "beyond_people": Text(
        "people in parts that reach beyond the zone", "personnes dans des secteurs qui dépassent la zone"
    ),
    "pooled_share": Text(
        "share of the people who are counted together: not in single hexagons of the zone, or in rows for several",
        "part des personnes comptées ensemble : hors des hexagones seuls de la zone, ou dans des lignes qui en "
        "réunissent plusieurs",
    ),
    "indicator": Text("indicator", "indicateur"),
    "rows": Text("published rows", "lignes publiées"),
    "pooled_rows": Text("those of them that stand for several", "celles d’entre elles qui en réunissent plusieurs"),
    "pooled_people": Text("people in them", "personnes de ces lignes"),
    "smallest": Text("smallest count of devices", "plus petit effectif d’appareils"),
    "devices_from": Text(
        "fewest devices of a class of counts, which ends below twice as many",
        "début d’une classe d’effectifs, qui finit avant le double",
    ),
    "part": Text("number of the part in this copy of the release", "numéro du secteur dans cette copie"),
    "cells": Text("H3 cells that cover the part", "cellules H3 qui couvrent le secteur"),
    "km2": Text("area in square kilometres", "surface en kilomètres carrés"),
    "came": Text("people who came in the day, estimated", "personnes venues dans la journée, estimées"),
    "came_low": Text("lower end of their interval", "bas de leur intervalle"),
    "came_high": Text("upper end of their interval", "haut de leur intervalle"),
    "hexagons": Text("hexagons of the part", "hexagones du secteur"),
    "touches": Text("whether the part has to do with the zone", "si le secteur concerne la zone"),
    "density": Text("most people per square kilometre", "plus forte densité, en personnes par km²"),
    "resolution": Text("finest H3 resolution of the release", "résolution H3 la plus fine de la publication"),
}
