"""What each check of an audit asks, and how an auditor repeats it by hand, in English and in French."""

from dataclasses import dataclass
from typing import Final

from anonymization.entries import Language
from schemas.typography import set_in_french


@dataclass(frozen=True)
class Question:
    """One check: what it asks, what to look at to repeat it, and a command.

    Commands are run in the folder of the release: a line for a shell, or SQL for DuckDB.
    """

    asks: dict[Language, str]
    by_hand: dict[Language, str]
    command: str

    def repeat(self, language: Language) -> str:
        """How to repeat it, in one line."""
        return f"{self.command} - {self.by_hand[language]}"


def _question(asks: tuple[str, str], command: str, by_hand: tuple[str, str]) -> Question:
    return Question(_both(asks), _both(by_hand), command)


def _both(texts: tuple[str, str]) -> dict[Language, str]:
    return {"en": texts[0], "fr": set_in_french(texts[1])}


QUESTIONS: Final = {
    "structure": _question(
        (
            "Is every file there that the manifest lists, unchanged, and no other?",
            "Tous les fichiers que liste le manifeste sont-ils là, inchangés, et aucun autre ?",
        ),
        "find . -type f | sort | xargs sha256sum",
        (
            "compare with `files` and `shared` of the entries in manifest/chain",
            "comparer à `files` et `shared` des entrées de manifest/chain",
        ),
    ),
    "chain": _question(
        (
            "Is the manifest signed, complete and in order, with one entry for each day, and its windows before it?",
            "Le manifeste est-il signé, complet et en ordre, avec une entrée par jour, précédée de ses créneaux ?",
        ),
        "sha256sum manifest/chain/*.json; jq -r .previous manifest/chain/*.json",
        (
            "`previous` of each entry is the SHA-256 of the file before it",
            "`previous` de chaque entrée est le SHA-256 du fichier précédent",
        ),
    ),
    "keys": _question(
        (
            "Has each day a key of its own, so that nobody is followed from one day to the next?",
            "Chaque jour a-t-il sa propre clé, de sorte que personne n’est suivi d’un jour à l’autre ?",
        ),
        "jq -r '[.kind, .privacy_day, .key.key_id] | @tsv' manifest/chain/*.json",
        ("no key_id stands for two days", "aucun key_id ne sert deux jours"),
    ),
    "statement": _question(
        (
            "Do the statement and the totals in the manifest follow from its entries and from the printed rows?",
            "La notice et les totaux du manifeste découlent-ils de ses entrées et des lignes imprimées ?",
        ),
        "SELECT count(*), min(devices) FROM 'presence/*/*.parquet'",
        (
            "compare with `indicators` of the day's entry (of an open day: of its windows entries), for each indicator",
            "comparer à `indicators` de l’entrée du jour (d’un jour ouvert : de ses entrées windows), par indicateur",
        ),
    ),
    "compaction": _question(
        (
            "Do the files of a day hold, row for row, what was published of it while it was open?",
            "Les fichiers d’une journée contiennent-ils, ligne pour ligne, ce qui en fut publié avant sa clôture ?",
        ),
        "jq -r '.files | select(.) | to_entries[] | select(.value.rows_sha256) | [.key, .value.rows, "
        ".value.rows_sha256] | @tsv' manifest/chain/*.json",
        (
            "so many rows of the day, in this order, have that digest: anonymization/row_digest.py says how it is made",
            "autant de lignes du jour, dans cet ordre, ont cette empreinte : anonymization/row_digest.py la définit",
        ),
    ),
    "degraded": _question(
        (
            "Does each warning that a part is degraded name a part that is published?",
            "Chaque avertissement de partie dégradée nomme-t-il une partie publiée ?",
        ),
        "jq -c '.degraded[]?' manifest/chain/*.json",
        (
            "each pair is the zone_id and the first of `cells` of a row of that indicator and window_start",
            "chaque paire est le zone_id et le premier de `cells` d’une ligne de cet indicateur et de ce window_start",
        ),
    ),
    "events": _question(
        (
            "Do the stated events hold a name, a zone, a time and an earlier edition, and nothing else?",
            "Les événements déclarés ont-ils un nom, une zone, un horaire, une édition passée, et rien d’autre ?",
        ),
        "jq -cS . manifest/events.json | cmp - manifest/events.json; jq -r '.events[].zone_id' manifest/events.json",
        (
            "nothing differs; each zone_id is one of manifest/zones.geojson",
            "rien ne diffère ; chaque zone_id est dans manifest/zones.geojson",
        ),
    ),
    "privacy budget": _question(
        (
            "Does the stated privacy budget follow from the noise, where there is differential privacy?",
            "Le budget de confidentialité déclaré découle-t-il du bruit, s’il y a confidentialité différentielle ?",
        ),
        "jq .dp manifest/chain/*.json",
        (
            "contributions / (2 sigma^2) of each day, added up, is the rho that gives epsilon at delta",
            "contributions / (2 sigma^2) de chaque journée, additionnés, font le rho qui donne epsilon à delta",
        ),
    ),
    "schema": _question(
        (
            "Do all tables have exactly the declared columns, values, windows, order and encodings?",
            "Les tables ont-elles exactement les colonnes, valeurs, créneaux, ordre et codages déclarés ?",
        ),
        "SELECT DISTINCT path_in_schema, type, encodings, compression FROM parquet_metadata('presence/*/*.parquet')",
        (
            "compare with the data dictionary; no column has a dictionary encoding",
            "comparer au dictionnaire des données ; aucune colonne n’a de codage à dictionnaire",
        ),
    ),
    "k": _question(
        (
            "Is every figure of at least k devices, and rounded?",
            "Chaque chiffre porte-t-il sur au moins k appareils, et est-il arrondi ?",
        ),
        "SELECT min(devices), max(devices % 5) FROM 'presence/*/*.parquet'",
        (
            "at least k rounded down, and 0; so for each indicator",
            "au moins k arrondi vers le bas, et 0 ; de même pour chaque indicateur",
        ),
    ),
    "disjointness": _question(
        (
            "Are the parts of a window apart, so that none can be subtracted from another?",
            "Les parties d’un créneau sont-elles disjointes, de sorte qu’aucune ne se soustrait d’une autre ?",
        ),
        "SELECT window_start, cell, count(*) FROM (SELECT window_start, unnest(cells) AS cell "
        "FROM 'presence/*/*.parquet') GROUP BY ALL HAVING count(*) > 1",
        (
            "no row; again with h3_cell_to_parent(cell, r) for the coarser cells",
            "aucune ligne ; de même avec h3_cell_to_parent(cell, r) pour les cellules plus grandes",
        ),
    ),
    "zones": _question(
        (
            "Does each part lie within the zones that it names?",
            "Chaque partie est-elle située dans les zones qu’elle nomme ?",
        ),
        "SELECT DISTINCT zone_id, format('{:x}', unnest(cells)) FROM 'presence/*/*.parquet'",
        (
            "each cell is one of its zone in manifest/zones.geojson, or inside one",
            "chaque cellule est une de celles de sa zone dans manifest/zones.geojson, ou dans l’une d’elles",
        ),
    ),
    "nesting": _question(
        (
            "Does every split (age, origin, dwell and others) split the same parts, and add up to them?",
            "Chaque ventilation (âge, origine, durée…) porte-t-elle sur les mêmes parties, à la bonne somme ?",
        ),
        "SELECT * FROM (SELECT window_start, zone_id, cells, sum(devices) AS total, count(*) FROM 'dwell/*/*.parquet' "
        "GROUP BY ALL) JOIN 'attendance/*/*.parquet' USING (window_start, zone_id, cells)",
        (
            "total equals devices, but for 4 at most for each row and for the whole",
            "total égale devices, à 4 près au plus pour chaque ligne et pour l’ensemble",
        ),
    ),
    "inclusions": _question(
        (
            "Does no class of a zone tell of a few devices, beside that of a zone around it?",
            "Aucune classe d’une zone ne révèle-t-elle quelques appareils, à côté d’une zone qui la contient ?",
        ),
        "SELECT visitor_category, zone_id, devices FROM 'attendance_by_category/*/*.parquet' ORDER BY ALL",
        (
            "a zone and its `parent` in manifest/zones.geojson differ in a class by 0 or by what can be k",
            "une zone et son `parent` dans manifest/zones.geojson diffèrent par classe de 0 ou de ce qui peut être k",
        ),
    ),
    "widths": _question(
        (
            "Do the published numbers together leave every small number open?",
            "Les nombres publiés laissent-ils ensemble tout petit nombre indéterminé ?",
        ),
        "SELECT * FROM 'attendance_by_category/*/*.parquet' WHERE zone_id = 'ZONE'",
        (
            "crosses of classes are unknowns, printed rows are their sums: a solver gives the bounds of each",
            "les croisements de classes sont des inconnues, les lignes leurs sommes : un solveur donne leurs bornes",
        ),
    ),
    "movements": _question(
        (
            "Do flows join the published parts of the day, each pair in one row?",
            "Les flux relient-ils les parties publiées du jour, chaque paire sur une seule ligne ?",
        ),
        "SELECT window_start, origin_zone_id, destination_zone_id, count(*) FROM 'flows/*/*.parquet' "
        "GROUP BY ALL HAVING count(*) > 1",
        (
            "no row; each origin is a zone_id of attendance, or some of them joined",
            "aucune ligne ; chaque origine est un zone_id de la fréquentation, ou plusieurs réunis",
        ),
    ),
    "lattice": _question(
        (
            "Under differential privacy, does every figure stand on the fixed lattice, and none for noise alone?",
            "Sous confidentialité différentielle, tout chiffre est-il sur la grille, et aucun du bruit seul ?",
        ),
        "SELECT DISTINCT zone_id, len(cells), min(devices) FROM 'presence/*/*.parquet' GROUP BY ALL",
        (
            "the lattice and the least figure are in `dp` of the day's entry",
            "la grille et le plus petit chiffre sont dans `dp` de l’entrée du jour",
        ),
    ),
    "homogeneity": _question(
        (
            "Does no part give away the age or occupation of those who are in it?",
            "Aucune partie ne trahit-elle l’âge ou la profession de ceux qui s’y trouvent ?",
        ),
        "SELECT max(share) FROM (SELECT age_band, devices / sum(devices) OVER (PARTITION BY window_start, zone_id, "
        "cells) AS share FROM 'attendance_by_age/*/*.parquet') WHERE age_band NOT IN ('all', 'unknown', 'foreign')",
        (
            "at most max_share, but for rounding; so for spc and for presence",
            "au plus max_share, à l’arrondi près ; de même pour spc et pour la présence",
        ),
    ),
    "intervals": _question(
        (
            "Do the intervals around people follow from printed and stated numbers alone?",
            "Les intervalles autour des personnes découlent-ils des seuls nombres imprimés et déclarés ?",
        ),
        "SELECT zone_id, people, sqrt(0.7 * people ^ 2 / devices + (people / devices * 5 / 2) ^ 2) * 1.96 AS half, "
        "people_low, people_high FROM 'attendance/*/*.parquet'",
        (
            "people_low and people_high are people less and plus half, outwards to tens (0.7: design effect)",
            "people_low et people_high sont people moins et plus half, aux dizaines au-delà (0.7 : effet de plan)",
        ),
    ),
    "test": _question(
        ("Is it a real release, not a test?", "Est-ce une vraie publication, et non un essai ?"),
        "jq .test manifest/chain/*.json",
        ("all are false", "tous sont false"),
    ),
}
"""By the name of the check: whoever adds a check adds it here."""
