"""What the checks say, in French: one sentence for each English one, with `{}` where something is filled in.

A sentence is looked up by its form: of all that fit, the one with most words of its own. What is filled in is looked up
in turn, and stays as it is where it is no sentence (a path, a number, a name).
"""

import re
from functools import cache, lru_cache
from typing import Final

from anonymization.entries import PARTIAL_DAY
from schemas.typography import NARROW_SPACE, NO_BREAK_SPACE, set_in_french

FRENCH: Final = {
    # Release as a whole
    "the release": "la publication",
    "{} files": "{} fichiers",
    "exactly the files that the manifest lists, with the SHA-256 that it gives": (
        "exactement les fichiers que liste le manifeste, avec les SHA-256 qu’il donne"
    ),
    "{} is a link": "{} est un lien",
    "{} is neither a file nor a folder": "{} n’est ni un fichier ni un dossier",
    "{} cannot be listed ({})": "{} ne peut pas être listé ({})",
    "{} cannot be read ({})": "{} ne peut pas être lu ({})",
    "{} is larger than the {} MB that a file of the manifest may have": (
        "{} dépasse les {} Mo que peut avoir un fichier du manifeste"
    ),
    "{} is listed but not there": "{} figure dans la liste mais manque",
    "{} differs from the file that is listed": "{} diffère du fichier listé",
    "{} is not listed in the manifest": "{} ne figure pas dans le manifeste",
    "{} is not there": "{} manque",
    "{} is a folder that holds nothing listed": "{} est un dossier qui ne contient rien de listé",
    "{} lists {}, which is no file of an indicator": "{} liste {}, qui n’est pas un fichier d’indicateur",
    "{} lists {}, which is of another privacy day": "{} liste {}, qui est d’une autre journée",
    "{} does not list exactly {} as shared": "{} ne liste pas exactement {} comme fichiers communs",
    # Chain
    "there is no entry": "il n’y a aucune entrée",
    "{} entries, last SHA-256 {}": "{} entrées, dernier SHA-256 {}",
    "entries 1 to n, each signed and naming the one before, one for each privacy day that is over, windows of a "
    "day before it, and a signed head": (
        "des entrées de 1 à n, chacune signée et nommant la précédente, une par journée close, les créneaux d’une "
        "journée avant elle, et une tête signée"
    ),
    "no entry has the SHA-256 that was seen before: the chain was put back or begun anew": (
        "aucune entrée n’a le SHA-256 déjà vu : la chaîne a été ramenée en arrière ou recommencée"
    ),
    "{} stands where entry {} belongs": "{} se trouve à la place de l’entrée {}",
    "{} does not follow the entry before it": "{} ne suit pas l’entrée précédente",
    "{} is of another release": "{} est d’une autre publication",
    "{} is not one JSON object in canonical form": "{} n’est pas un objet JSON sous forme canonique",
    "manifest/chain/{}: expected one JSON object in canonical form, got something else": (
        "manifest/chain/{} : un objet JSON sous forme canonique était attendu"
    ),
    "{} does not state the last entry of the chain": "{} n’indique pas la dernière entrée de la chaîne",
    "{} is not signed with {}": "{} n’est pas signé avec {}",
    "the pinned key": "la clé donnée",
    "the key in {}": "la clé de {}",
    "{} holds no Ed25519 public key": "{} ne contient pas de clé publique Ed25519",
    "{} holds more than a public key": "{} contient plus qu’une clé publique",
    "{} is not the pinned key": "{} n’est pas la clé donnée",
    "the fields are not those of a known kind of entry": "les champs ne sont pas ceux d’un type d’entrée connu",
    "the form of the entry is not {} or {}, those that are checked here": (
        "la forme de l’entrée n’est ni {} ni {}, celles qui sont contrôlées ici"
    ),
    "test is no truth value or release_id no text": "test n’est pas un booléen ou release_id n’est pas un texte",
    "zones_sha256 is not the hash of the shared zones": "zones_sha256 n’est pas l’empreinte des zones communes",
    "privacy day {} has {} entries of kind {}": "la journée {} a {} entrées de type {}",
    "{} publishes windows of privacy day {}, which was over": (
        "{} publie des créneaux de la journée {}, qui était close"
    ),
    "{} publishes no window": "{} ne publie aucun créneau",
    "{} publishes windows under differential privacy, which is counted by the day": (
        "{} publie des créneaux sous confidentialité différentielle, qui se compte par journée"
    ),
    "{} publishes {} of a day that is still open": "{} publie {} d’une journée encore ouverte",
    "{} lists {} a second time": "{} liste {} une deuxième fois",
    "{} does not list {} as it was published before": "{} ne liste pas {} tel qu’il a été publié auparavant",
    "{} has other terms than {}: {}": "{} a d’autres termes que {} : {}",
    "privacy_day is no date": "privacy_day n’est pas une date",
    "the privacy day is not about a day long": "la journée ne dure pas environ un jour",
    "the offset of a local time is that of its timezone": "le décalage d’une heure locale est celui de son fuseau",
    "timezone or privacy_day_starts is impossible": "timezone ou privacy_day_starts est impossible",
    "max_share is not a share": "max_share n’est pas une part",
    "{} is not a whole number of {} to {}": "{} n’est pas un entier de {} à {}",
    "{} is not a number between {} and {}": "{} n’est pas un nombre entre {} et {}",
    "{} is not text": "{} n’est pas un texte",
    "design_effects do not give a number for each indicator and kind of part": (
        "design_effects ne donne pas un nombre pour chaque indicateur et type de partie"
    ),
    # Keys
    "{} keys, {} stated destroyed": "{} clés, dont {} déclarées détruites",
    "one key for each privacy day, and none for two; a log that tells the life of each": (
        "une clé par journée, aucune pour deux ; un journal qui retrace la vie de chacune"
    ),
    "{} has other lines than {} states": "{} a d’autres lignes que n’indique {}",
    "{} does not state a key": "{} n’indique pas de clé",
    "{} does not state the beginning of {}": "{} n’indique pas le début de {}",
    "{} does not tell of the key of {} what the entry tells": "{} ne dit pas de la clé de {} ce qu’en dit l’entrée",
    "{} destroys a key that its privacy day has not used before": (
        "{} détruit une clé que sa journée n’a pas utilisée auparavant"
    ),
    "{} destroys the key of a privacy day that is still open": "{} détruit la clé d’une journée encore ouverte",
    "{} has the {} of {}": "{} a le même {} que {}",
    "{} destroys its key before the key was made": "{} détruit sa clé avant que celle-ci n’existe",
    "key_id {}": "key_id {}",
    # Statement
    "{} days told again": "{} journées relues",
    "the register of privacy numbers, the statement and the figures that follow from entries and rows": (
        "le registre des paramètres, la notice et les totaux qui découlent des entrées et des lignes"
    ),
    "steps are not among the known ones": "des étapes ne sont pas parmi celles qui sont connues",
    "does not state what its statement is written from": "n’indique pas ce dont sa notice est tirée",
    "{} is not what the entry gives": "{} n’est pas ce que donne l’entrée",
    "figures not checked: files are not there as listed": "totaux non contrôlés : des fichiers manquent ou diffèrent",
    "figures not checked: files cannot be read": "totaux non contrôlés : des fichiers ne peuvent pas être lus",
    "the figures of {} are not those of its printed rows": "les totaux de {} ne sont pas ceux de ses lignes",
    "{} is of a privacy day that begins before that of {} ends": (
        "{} est d’une journée qui commence avant la fin de celle de {}"
    ),
    # Compaction
    "{} files of windows compared": "{} fichiers de créneaux comparés",
    "the rows of each file of windows in the files of their day, as they were published": (
        "les lignes de chaque fichier de créneaux dans les fichiers de leur journée, telles qu’elles ont été publiées"
    ),
    "{} does not hold the rows of {} as {} published them": (
        "{} ne contient pas les lignes de {} telles que {} les a publiées"
    ),
    "{}: a window has rows of two publications": "{} : un créneau a des lignes de deux publications",
    "{}: windows not compared: {}": "{} : créneaux non comparés : {}",
    "{}/date={}: a window has rows of two publications": "{}/date={} : un créneau a des lignes de deux publications",
    # Events
    "{} events": "{} événements",
    "events with a name, a zone of the release, a time and an earlier edition, in one form": (
        "des événements avec un nom, une zone de la publication, un horaire et une édition passée, d’une seule forme"
    ),
    "events not checked: {} is not there as listed": "événements non contrôlés : {} manque ou diffère",
    "zones of events not checked: {}": "zones des événements non contrôlées : {}",
    "{} is not a list of events that can be, as it must be written": (
        "{} n’est pas une liste d’événements possibles, telle qu’elle doit être écrite"
    ),
    "{}: {} events are in a zone that zones.geojson does not have (first: {})": (
        "{} : {} événements sont dans une zone absente de zones.geojson (le premier : {})"
    ),
    # Degraded
    "privacy day {}: one figure is degraded: the network was silent or out, and people may be missing": (
        "journée {} : un chiffre est dégradé : le réseau était muet ou en panne, et des personnes peuvent manquer"
    ),
    "privacy day {}: {} figures are degraded: the network was silent or out, and people may be missing": (
        "journée {} : {} chiffres sont dégradés : le réseau était muet ou en panne, et des personnes peuvent manquer"
    ),
    "degraded": "dégradé",
    "{} flags": "{} signalements",
    "flags of parts that are published, in one form, and those of windows again with their day": (
        "des signalements de parties publiées, d’une seule forme, et ceux des créneaux à nouveau avec leur journée"
    ),
    "{} does not flag {} from {} as before": "{} ne signale pas {} à partir de {} comme auparavant",
    "flags parts under differential privacy, where no flag may follow from who is there": (
        "signale des parties sous confidentialité différentielle, où aucun signalement ne peut dépendre des présents"
    ),
    "degraded is not a list of windows with their parts, as it must be written": (
        "degraded n’est pas une liste de créneaux avec leurs parties, telle qu’elle doit être écrite"
    ),
    "flags parts of {}": "signale des parties de {}",
    "{} from {}: {} flags name no published part": (
        "{} à partir de {} : {} signalements ne nomment aucune partie publiée"
    ),
    "{} from {}: flags are double or not in the order of the rows": (
        "{} à partir de {} : des signalements en double ou hors de l’ordre des lignes"
    ),
    # Differential privacy
    "privacy budget": "budget de confidentialité",
    "no differential privacy": "pas de confidentialité différentielle",
    "{} days; epsilon at delta {} of days in a row: {}": (
        "{} journées ; epsilon à delta {} de journées consécutives : {}"
    ),
    "{} over {}": "{} sur {}",
    "{} days, of which one cannot be read": "{} journées, dont une illisible",
    "epsilon of each day and of any {} in a row as the noise makes it, and within the stated budget": (
        "epsilon de chaque journée et de {} consécutives, tel que le bruit le fait, et dans le budget déclaré"
    ),
    "states an impossible epsilon, delta, sigma or number of contributions": (
        "déclare un epsilon, delta, sigma ou nombre de contributions impossible"
    ),
    "lets a device count in more figures than its contributions": (
        "compte un appareil dans plus de chiffres que ses contributions"
    ),
    "some days are under differential privacy and some are not: the budget covers a part of the release only": (
        "certaines journées sont sous confidentialité différentielle et d’autres non : le budget ne couvre qu’une "
        "partie"
    ),
    "lacks, or adds, {}": "omet ou ajoute {}",
    "has too little noise for its epsilon of {}": "a trop peu de bruit pour son epsilon de {}",
    "states {} slots, and its day has {}": "déclare {} créneaux, et sa journée en a {}",
    "publishes {}, which is not on the lattice and costs a budget that nobody counted": (
        "publie {}, qui n’est pas sur la grille et coûte un budget non compté"
    ),
    "states no number for {}": "ne déclare pas de nombre pour {}",
    "states no whole number for {}": "ne déclare pas de nombre entier pour {}",
    "{} brings the epsilon of {} days to {}, above {}": "{} porte l’epsilon de {} journées à {}, plus de {}",
    "states {} of {}, and its numbers make {}": "déclare {} de {}, et ses nombres font {}",
    "under differential privacy: places of the fixed lattice only, nothing that noise alone could be, people and "
    "intervals made of printed values": (
        "sous confidentialité différentielle : des places de la grille fixe seulement, rien que le bruit seul "
        "puisse donner, personnes et intervalles tirés des valeurs imprimées"
    ),
    "{} noisy figures": "{} chiffres bruités",
    "privacy day {}: no guarantee, or no one factor from devices to people, is stated": (
        "journée {} : aucune garantie, ou aucun facteur unique des appareils aux personnes, n’est déclaré"
    ),
    "rows that are no place of the lattice": "lignes qui ne sont pas sur la grille",
    "figures below {}, which noise alone could be": "chiffres en dessous de {}, que le bruit seul peut donner",
    "people that are not devices by the factor": "nombres de personnes qui ne sont pas les appareils par le facteur",
    # Rules
    "{}: {} {} (first: {}, zone {})": "{} : {} {} (la première : {}, zone {})",
    "at an impossible instant": "à un instant impossible",
    "no rows": "aucune ligne",
    "unknown: no privacy day can be read": "inconnu : aucune journée n’est lisible",
    "there is no privacy day to look at": "il n’y a aucune journée à contrôler",
    "not checked: {}": "non contrôlé : {}",
    "privacy day {}": "journée {}",
    "privacy day {}: {}": "journée {} : {}",
    "could not be looked at ({})": "n’a pas pu être contrôlé ({})",
    "a check carried out": "un contrôle effectué",
    "nothing": "rien",
    "none": "aucun",
    "and {} more": "et {} autres",
    "; and {} more": " ; et {} autres",
    # Schema
    "the declared columns, windows, vocabularies, order and encodings": (
        "les colonnes, créneaux, vocabulaires, ordre et codages déclarés"
    ),
    "{} rows": "{} lignes",
    "rows are not additive as declared": "lignes dont l’additivité n’est pas celle déclarée",
    "rows whose window is no {} of that privacy day": "lignes dont la période n’est pas de cette journée ({})",
    "{}: cells do not ascend within their row": "{} : les cellules d’une ligne ne sont pas croissantes",
    "rows that are double or not in canonical order": "lignes en double ou hors de l’ordre canonique",
    "{} {}: rows are not in canonical order": "{} {} : les lignes ne sont pas dans l’ordre canonique",
    "{}: {} holds {} values outside the vocabulary (first: {})": (
        "{} : {} contient {} valeurs hors du vocabulaire (la première : {})"
    ),
    "has not the columns of {}: {}": "n’a pas les colonnes de {} : {}",
    "carries metadata that the schema does not declare": "porte des métadonnées non déclarées",
    "has nulls among its cells": "a des valeurs nulles parmi ses cellules",
    "has a row without cells": "a une ligne sans cellule",
    "has a cell that is no H3 cell": "a une cellule qui n’est pas une cellule H3",
    "is no Parquet file, or a damaged one": "n’est pas un fichier Parquet, ou est endommagé",
    "has a row group of {} rows": "a un groupe de {} lignes",
    "has a row group of {} bytes": "a un groupe de lignes de {} octets",
    "has {} nulls in {}": "a {} valeurs nulles dans {}",
    "has a column with a dictionary or another encoding ({})": "a une colonne à dictionnaire ou d’un autre codage ({})",
    "is compressed with {}, not ZSTD": "est comprimé par {} au lieu de ZSTD",
    "{} has {} rows, but another number is listed": "{} a {} lignes, mais un autre nombre est listé",
    "{} is not there as listed": "{} n’est pas là tel que listé",
    # k
    "devices >= {} (k = {}, rounded to {})": "appareils >= {} (k = {}, arrondi à {})",
    "smallest count {}": "plus petit effectif {}",
    "privacy day {}: k is {}, and below {} nothing is published": (
        "journée {} : k vaut {}, et en dessous de {} rien n’est publié"
    ),
    "counts below {}": "effectifs en dessous de {}",
    "counts not in steps of {}": "effectifs qui ne sont pas des multiples de {}",
    "intervals that do not hold their estimate of people": "intervalles qui ne contiennent pas leur estimation",
    "numbers of people not in steps of {}": "nombres de personnes qui ne sont pas des multiples de {}",
    # Disjointness
    "no overlap between the parts of a window (attendance, transit: of a kind of zone)": (
        "aucun chevauchement entre les parties d’une période (fréquentation, transit : d’un type de zone)"
    ),
    "{} overlapping parts": "{} parties qui se chevauchent",
    "parts overlap another of their window": "parties qui en chevauchent une autre de leur période",
    "parts are not of one kind of zone": "parties qui ne sont pas d’un seul type de zone",
    "parts overlap another of their kind of zone": "parties qui en chevauchent une autre de leur type de zone",
    # Zones
    "each part within the zones that it names; sensitive zones as day totals only": (
        "chaque partie dans les zones qu’elle nomme ; zones sensibles en totaux du jour seulement"
    ),
    "{} parts compared with the zones": "{} parties comparées aux zones",
    "rows name a zone that zones.geojson does not have": "lignes qui nomment une zone absente de zones.geojson",
    "rows name their zones twice or in another order": (
        "lignes qui nomment leurs zones deux fois ou dans un autre ordre"
    ),
    "rows have a cell outside the zones that they name": "lignes dont une cellule est hors des zones nommées",
    "rows show a sensitive zone in less than a day": "lignes qui montrent une zone sensible sur moins d’un jour",
    "is not a collection of zones with their cells": "n’est pas une collection de zones avec leurs cellules",
    "holds a cell that is no H3 cell": "contient une cellule qui n’est pas une cellule H3",
    "gives a zone twice": "donne une zone deux fois",
    "gives a zone the identifier {}, which stands for something else": (
        "donne à une zone l’identifiant {}, qui désigne autre chose"
    ),
    "names {} as a parent, but not as a zone": "nomme {} comme parent, mais pas comme zone",
    "holds a zone whose zone_id, name, kind or parent is no text": (
        "contient une zone dont zone_id, name, kind ou parent n’est pas un texte"
    ),
    "holds a zone without cells, or whose sensitive is no truth value": (
        "contient une zone sans cellules, ou dont sensitive n’est pas un booléen"
    ),
    # Nesting
    "the rows of what is split, and sums to them within rounding (at most {} a figure)": (
        "les lignes de ce qui est ventilé, et des sommes justes à l’arrondi près (au plus {} par chiffre)"
    ),
    "{} rows split by an attribute": "{} lignes ventilées",
    "rows of a part or class that {} has not": "lignes d’une partie ou classe que {} n’a pas",
    "rows of {} that rows here do not sum to": "lignes de {} dont la somme ici diffère",
    "counts of the same devices are rounded in two ways": "effectifs des mêmes appareils arrondis de deux façons",
    "rows that leave a few devices of what they split": (
        "lignes qui laissent quelques appareils de ce qu’elles ventilent"
    ),
    "rows split the day total of a sensitive zone": "lignes qui ventilent le total d’une zone sensible",
    "parts or classes have no row here": "parties ou classes sans ligne ici",
    "rows whose {} another row of the part lists": "lignes dont {} est aussi dans une autre ligne de la partie",
    "{} and {}": "{} et {}",
    "{}: {} parts with {} (first: zone {})": "{} : {} parties avec {} (la première : zone {})",
    "not the same groups of residents, other domestic and foreign devices": (
        "d’autres groupes d’appareils résidents, autres nationaux et étrangers"
    ),
    "other numbers of residents, other domestic or foreign devices": (
        "d’autres nombres d’appareils résidents, autres nationaux ou étrangers"
    ),
    "{}: {} has {} devices inside {} with {}": "{} : {} a {} appareils à l’intérieur de {} qui en a {}",
    "classes of nested zones that differ by nobody or by what can be {}, within rounding": (
        "des classes de zones emboîtées qui diffèrent de personne ou de ce qui peut être {}, à l’arrondi près"
    ),
    "{} pairs of nested zones": "{} paires de zones emboîtées",
    "{}: {} zones have classes that only a few devices of {} in a zone around them are not in (first: {} in {})": (
        "{} : {} zones ont des classes où ne manquent que quelques appareils de {} d’une zone qui les contient (la "
        "première : {} dans {})"
    ),
    "{}: {} tells a number of devices below {}": "{} : {} révèle un nombre d’appareils en dessous de {}",
    "no number that published ones pin down below {}, in a sample chosen by a digest of zone_id": (
        "aucun nombre en dessous de {} que les nombres publiés déterminent, dans un échantillon choisi par une "
        "empreinte de zone_id"
    ),
    "narrowest interval {}": "intervalle le plus étroit {}",
    # Movements
    "flows between the parts of attendance of one layer, each pair of an hour in one row; of the visitors of an end, "
    "none or what can be {} left": (
        "des flux entre les parties de la fréquentation d’un même niveau, chaque paire d’une heure sur une ligne ; des "
        "visiteurs d’une extrémité, aucun ou ce qui peut être {} de reste"
    ),
    "{} rows of flows": "{} lignes de flux",
    "rows whose cells are not those of their origin": "lignes dont les cellules ne sont pas celles de l’origine",
    "rows that hold a pair of another row of the hour": "lignes qui reprennent une paire d’une autre ligne de l’heure",
    "rows that leave a few visitors of an end": "lignes qui laissent quelques visiteurs d’une extrémité",
    "rows whose zone is not their origin": "lignes dont la zone n’est pas l’origine",
    "rows whose origin is not made of parts of attendance": (
        "lignes dont l’origine n’est pas faite de parties de la fréquentation"
    ),
    "rows that go to `all` from one part, or to a part from several": (
        "lignes qui vont à `all` depuis une partie, ou à une partie depuis plusieurs"
    ),
    "rows whose destination is not made of parts of attendance of the origin's layer": (
        "lignes dont la destination n’est pas faite de parties de la fréquentation du niveau de l’origine"
    ),
    "rows that end where they begin": "lignes qui finissent où elles commencent",
    "rows of another distance class": "lignes d’une autre classe de distance",
    # Homogeneity
    "no age or socio-professional class above {} of its part; two known classes, or `all`": (
        "aucune classe d’âge ou catégorie au-dessus de {} de sa partie ; deux classes connues, ou `all`"
    ),
    "largest printed share {}": "plus grande part imprimée {}",
    "classes hold more than {} of their part": "classes qui font plus de {} de leur partie",
    "rows of a part with fewer than two known classes, or with `all` beside others": (
        "lignes d’une partie avec moins de deux classes connues, ou avec `all` à côté d’autres"
    ),
    # Intervals
    "people_low and people_high made of printed values, stated design effects and a confidence of {}": (
        "people_low et people_high tirés des valeurs imprimées, des effets de plan déclarés et d’une confiance de {}"
    ),
    "{} intervals worked out again": "{} intervalles recalculés",
    "intervals that do not follow from what is printed": "intervalles qui ne découlent pas de ce qui est imprimé",
    "{}: no design effect is stated": "{} : aucun effet de plan n’est déclaré",
    # Test
    "this is a test release: its keys may be known; --allow-test accepts it": (
        "c’est un essai : ses clés peuvent être connues ; --allow-test l’accepte"
    ),
    "a test release": "un essai",
    "no test release": "aucun essai",
    "any release": "toute publication",
    # Notes
    "key not pinned: the release vouches for itself; give the operator's key with --public-key": (
        "clé non donnée : la publication se porte garante d’elle-même ; donner la clé de l’opérateur avec --public-key"
    ),
    "flag: {}": "signalement : {}",
    "k below {}": "k inférieur à {}",
    "rounding off": "pas d’arrondi",
    "smallest figure is of exactly k": "le plus petit chiffre est exactement celui de k appareils",
    "no limit on one class": "aucune limite à une classe",
    "test release": "essai",
    PARTIAL_DAY: "journée incomplète : ses événements ne la couvrent pas du début à la fin",
    "k counts SIMs, not holders: one person may count more than once": (
        "k compte des SIM et non des titulaires : une personne peut compter plusieurs fois"
    ),
    "k is {}, below the usual {}": "k vaut {}, moins que l’usage de {}",
    "k is {}, below the usual {} and below {}": "k vaut {}, moins que l’usage de {} et que {}",
    " and below {}": " et que {}",
    "rounding is off: the change between two figures may be of few people": (
        "pas d’arrondi : l’écart entre deux chiffres peut être de quelques personnes"
    ),
    "no limit on one class: being in a part may tell the class of a person": (
        "aucune limite à une classe : être dans une partie peut révéler la classe d’une personne"
    ),
    "{} changed with privacy day {}{}": "{} a changé avec la journée {}{}",
    ": {}": " : {}",
    "{} from {} to {}": "{} de {} à {}",
    "zones of {} are not in the release: its parts were not compared with zones": (
        "les zones du {} ne sont pas dans la publication : ses parties n’ont pas été comparées aux zones"
    ),
    "privacy day {} is still open: {} windows of presence so far": (
        "la journée {} est encore ouverte : {} créneaux de présence jusqu’ici"
    ),
    "key of {} not yet destroyed": "clé du {} pas encore détruite",
    "key of {} destroyed more than 24 h after its day and its making, at {}": (
        "clé du {} détruite plus de 24 h après sa journée et sa création, à {}"
    ),
    "key of {}: erasure {}": "clé du {} : effacement {}",
    # Erasure of a key, as the key services of this package state it
    "not provable: a disk may keep what was overwritten": (
        "non démontrable : un disque peut garder ce qui a été écrasé"
    ),
    "not provable: memory may be swapped to a disk": ("non démontrable : la mémoire peut passer sur un disque (swap)"),
    "provable: overwritten in memory that is not swapped to a disk": (
        "démontrable : écrasée dans une mémoire qui ne passe pas sur un disque"
    ),
    "not provable here: the key service vouches for it": ("non démontrable ici : le service de clés s’en porte garant"),
    "none: the key is in the configuration": "aucun : la clé est dans la configuration",
    # Log of the keys
    "manifest/key_log.jsonl, line {}: {}": "manifest/key_log.jsonl, ligne {} : {}",
    "manifest/key_log.jsonl: key_log.jsonl, line {}: expected an event in the life of a key, got something else": (
        "manifest/key_log.jsonl, ligne {} : un événement de la vie d’une clé était attendu"
    ),
    "the chain is broken": "la chaîne est rompue",
    "{} is no time": "{} n’est pas un instant",
    "privacy day {} has a second key": "la journée {} a une seconde clé",
    "unknown event {}": "événement inconnu {}",
    "key {} is created twice": "la clé {} est créée deux fois",
    "key {} is {} before it is created": "la clé {} est {} avant d’être créée",
    "key {} is {} after it is destroyed": "la clé {} est {} après avoir été détruite",
    "key {} has another day or commitment than when it was created": (
        "la clé {} a une autre journée ou un autre engagement qu’à sa création"
    ),
    "key {} is {} at {}, earlier than it is {}": "la clé {} est {} à {}, avant d’être {}",
    "created": "créée",
    "last_used": "utilisée",
    "destroyed": "détruite",
    # Values
    "None": "(rien)",
    "True": "oui",
    "False": "non",
}

_DEPTH = 5
_JOINTS = {": ": f"{NO_BREAK_SPACE}: ", " ": " "}
"""A path or a name before a sentence."""

_NUMBER = re.compile(r"\d+\.\d+%?|\d+%", re.ASCII)
_CHANGE = re.compile(r"\w+ from .*? to .*", re.DOTALL)
_BETWEEN_CHANGES = re.compile(r", (?=\w+ from )")


def in_french(text: str) -> str:
    """What a check says in French; as it is where it is not known."""
    return _told(text, _DEPTH)


@lru_cache(maxsize=1024)
def _told(text: str, depth: int) -> str:
    """What is filled in is looked up to a depth, since a release may hold any text."""
    if text in FRENCH and "{}" not in text:
        return set_in_french(FRENCH[text])
    if _NUMBER.fullmatch(text):
        return text.replace(".", ",").replace("%", f"{NARROW_SPACE}%")
    if depth == 0:
        return text
    # A list of changes can be longer than the depth.
    if len(changes := _BETWEEN_CHANGES.split(text)) > 1 and all(map(_CHANGE.fullmatch, changes)):
        return ", ".join(_told(change, depth - 1) for change in changes)
    for pattern, french in _patterns():
        if found := pattern.fullmatch(text):
            return french.format(*(_told(each, depth - 1) for each in found.groups()))
    for joint, french in _JOINTS.items():
        before, between, after = text.partition(joint)
        if between and (told := _told(after, depth - 1)) != after:
            return f"{_told(before, 1)}{french}{told}"
    return text


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Each English sentence as a pattern, those with most words of their own first, and the French one."""
    ordered = sorted(FRENCH, key=lambda english: len(english.replace("{}", "")), reverse=True)
    return [(_pattern(english), set_in_french(FRENCH[english])) for english in ordered]


def _pattern(english: str) -> re.Pattern[str]:
    pattern = re.escape(english).replace(r"\{\}\{\}", r"([\w-]*)(.*)").replace(r"\{\}", "(.*?)")
    # A name before a colon belongs to the sentence only where the sentence says so.
    if english.startswith("{}") and not english.startswith("{}:"):
        pattern = pattern.replace("(.*?)", "((?:(?!: ).)*?)", 1)
    return re.compile(pattern, re.DOTALL)
