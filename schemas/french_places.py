"""French names of départements, regions and countries, as a French tourism office writes them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Departement:
    """A département and its region: before 2016 and since."""

    name: str
    region: str
    new_region: str


_BY_REGION: Final = (
    ("Alsace", "Grand Est", "67 Bas-Rhin;68 Haut-Rhin"),
    ("Aquitaine", "Nouvelle-Aquitaine", "24 Dordogne;33 Gironde;40 Landes;47 Lot-et-Garonne;64 Pyrénées-Atlantiques"),
    ("Auvergne", "Auvergne-Rhône-Alpes", "03 Allier;15 Cantal;43 Haute-Loire;63 Puy-de-Dôme"),
    ("Basse-Normandie", "Normandie", "14 Calvados;50 Manche;61 Orne"),
    ("Bourgogne", "Bourgogne-Franche-Comté", "21 Côte-d'Or;58 Nièvre;71 Saône-et-Loire;89 Yonne"),
    ("Bretagne", "Bretagne", "22 Côtes-d'Armor;29 Finistère;35 Ille-et-Vilaine;56 Morbihan"),
    ("Centre", "Centre-Val de Loire", "18 Cher;28 Eure-et-Loir;36 Indre;37 Indre-et-Loire;41 Loir-et-Cher;45 Loiret"),
    ("Champagne-Ardenne", "Grand Est", "08 Ardennes;10 Aube;51 Marne;52 Haute-Marne"),
    ("Corse", "Corse", "2A Corse-du-Sud;2B Haute-Corse"),
    ("Franche-Comté", "Bourgogne-Franche-Comté", "25 Doubs;39 Jura;70 Haute-Saône;90 Territoire de Belfort"),
    ("Guadeloupe", "Guadeloupe", "971 Guadeloupe"),
    ("Guyane", "Guyane", "973 Guyane"),
    ("Haute-Normandie", "Normandie", "27 Eure;76 Seine-Maritime"),
    (
        "Île-de-France",
        "Île-de-France",
        "75 Paris;77 Seine-et-Marne;78 Yvelines;91 Essonne;92 Hauts-de-Seine;93 Seine-Saint-Denis;"
        "94 Val-de-Marne;95 Val-d'Oise",
    ),
    ("La Réunion", "La Réunion", "974 La Réunion"),
    ("Languedoc-Roussillon", "Occitanie", "11 Aude;30 Gard;34 Hérault;48 Lozère;66 Pyrénées-Orientales"),
    ("Limousin", "Nouvelle-Aquitaine", "19 Corrèze;23 Creuse;87 Haute-Vienne"),
    ("Lorraine", "Grand Est", "54 Meurthe-et-Moselle;55 Meuse;57 Moselle;88 Vosges"),
    ("Martinique", "Martinique", "972 Martinique"),
    ("Mayotte", "Mayotte", "976 Mayotte"),
    (
        "Midi-Pyrénées",
        "Occitanie",
        "09 Ariège;12 Aveyron;31 Haute-Garonne;32 Gers;46 Lot;65 Hautes-Pyrénées;81 Tarn;82 Tarn-et-Garonne",
    ),
    ("Nord-Pas-de-Calais", "Hauts-de-France", "59 Nord;62 Pas-de-Calais"),
    ("Pays de la Loire", "Pays de la Loire", "44 Loire-Atlantique;49 Maine-et-Loire;53 Mayenne;72 Sarthe;85 Vendée"),
    ("Picardie", "Hauts-de-France", "02 Aisne;60 Oise;80 Somme"),
    ("Poitou-Charentes", "Nouvelle-Aquitaine", "16 Charente;17 Charente-Maritime;79 Deux-Sèvres;86 Vienne"),
    (
        "Provence-Alpes-Côte d'Azur",
        "Provence-Alpes-Côte d'Azur",
        "04 Alpes-de-Haute-Provence;05 Hautes-Alpes;06 Alpes-Maritimes;13 Bouches-du-Rhône;83 Var;84 Vaucluse",
    ),
    (
        "Rhône-Alpes",
        "Auvergne-Rhône-Alpes",
        "01 Ain;07 Ardèche;26 Drôme;38 Isère;42 Loire;69 Rhône;73 Savoie;74 Haute-Savoie",
    ),
)
"""Region before 2016, region since, and its départements (source: INSEE, code officiel géographique)."""

_COUNTRIES: Final = (
    "AD Andorre;AE Émirats arabes unis;AF Afghanistan;AG Antigua-et-Barbuda;AI Anguilla;AL Albanie;AM Arménie;"
    "AO Angola;AR Argentine;AS Samoa américaines;AT Autriche;AU Australie;AW Aruba;AZ Azerbaïdjan;"
    "BA Bosnie-Herzégovine;BB Barbade;BD Bangladesh;BE Belgique;BF Burkina Faso;BG Bulgarie;BH Bahreïn;BI Burundi;"
    "BJ Bénin;BM Bermudes;BN Brunei;BO Bolivie;BR Brésil;BS Bahamas;BT Bhoutan;BW Botswana;BY Biélorussie;"
    "BZ Belize;CA Canada;CD Congo (Kinshasa);CF République centrafricaine;CG Congo (Brazzaville);CH Suisse;"
    "CI Côte d'Ivoire;CK Îles Cook;CL Chili;CM Cameroun;CN Chine;CO Colombie;CR Costa Rica;CU Cuba;CV Cap-Vert;"
    "CW Curaçao;CY Chypre;CZ Tchéquie;DE Allemagne;DJ Djibouti;DK Danemark;DM Dominique;DO République dominicaine;"
    "DZ Algérie;EC Équateur;EE Estonie;EG Égypte;ER Érythrée;ES Espagne;ET Éthiopie;FI Finlande;FJ Fidji;"
    "FK Îles Malouines;FM Micronésie;FO Îles Féroé;FR France;GA Gabon;GB Royaume-Uni;GD Grenade;GE Géorgie;"
    "GF Guyane;GH Ghana;GI Gibraltar;GL Groenland;GM Gambie;GN Guinée;GP Guadeloupe;GQ Guinée équatoriale;"
    "GR Grèce;GT Guatemala;GW Guinée-Bissau;GY Guyana;HK Hong Kong;HN Honduras;HR Croatie;HT Haïti;HU Hongrie;"
    "ID Indonésie;IE Irlande;IL Israël;IN Inde;IQ Irak;IR Iran;IS Islande;IT Italie;JM Jamaïque;JO Jordanie;"
    "JP Japon;KE Kenya;KG Kirghizistan;KH Cambodge;KI Kiribati;KM Comores;KN Saint-Christophe-et-Niévès;"
    "KP Corée du Nord;KR Corée du Sud;KW Koweït;KY Îles Caïmans;KZ Kazakhstan;LA Laos;LB Liban;LC Sainte-Lucie;"
    "LI Liechtenstein;LK Sri Lanka;LR Liberia;LS Lesotho;LT Lituanie;LU Luxembourg;LV Lettonie;LY Libye;MA Maroc;"
    "MC Monaco;MD Moldavie;ME Monténégro;MG Madagascar;MH Îles Marshall;MK Macédoine du Nord;ML Mali;MM Birmanie;"
    "MN Mongolie;MO Macao;MR Mauritanie;MS Montserrat;MT Malte;MU Maurice;MV Maldives;MW Malawi;MX Mexique;"
    "MY Malaisie;MZ Mozambique;NA Namibie;NC Nouvelle-Calédonie;NE Niger;NG Nigeria;NI Nicaragua;NL Pays-Bas;"
    "NO Norvège;NP Népal;NR Nauru;NU Niue;NZ Nouvelle-Zélande;OM Oman;PA Panama;PE Pérou;PF Polynésie française;"
    "PG Papouasie-Nouvelle-Guinée;PH Philippines;PK Pakistan;PL Pologne;PM Saint-Pierre-et-Miquelon;PR Porto Rico;"
    "PT Portugal;PW Palaos;PY Paraguay;QA Qatar;RE La Réunion;RO Roumanie;RS Serbie;RU Russie;RW Rwanda;"
    "SA Arabie saoudite;SB Îles Salomon;SC Seychelles;SD Soudan;SE Suède;SG Singapour;SH Sainte-Hélène;"
    "SI Slovénie;SK Slovaquie;SL Sierra Leone;SM Saint-Marin;SN Sénégal;SO Somalie;SR Suriname;SS Soudan du Sud;"
    "ST Sao Tomé-et-Principe;SV Salvador;SY Syrie;SZ Eswatini;TC Îles Turques-et-Caïques;TD Tchad;TG Togo;"
    "TH Thaïlande;TJ Tadjikistan;TK Tokelau;TL Timor oriental;TM Turkménistan;TN Tunisie;TO Tonga;TR Turquie;"
    "TT Trinité-et-Tobago;TV Tuvalu;TW Taïwan;TZ Tanzanie;UA Ukraine;UG Ouganda;US États-Unis;UY Uruguay;"
    "UZ Ouzbékistan;VA Vatican;VC Saint-Vincent-et-les-Grenadines;VE Venezuela;VG Îles Vierges britanniques;"
    "VI Îles Vierges des États-Unis;VN Viêt Nam;VU Vanuatu;WF Wallis-et-Futuna;WS Samoa;XK Kosovo;YE Yémen;"
    "ZA Afrique du Sud;ZM Zambie;ZW Zimbabwe"
)
"""ISO 3166-1 alpha-2 codes and usual French names."""

DEPARTEMENTS: Final = {
    code: Departement(name, region, new_region)
    for code, name, region, new_region in sorted(
        (*each.split(" ", 1), region, new_region)
        for region, new_region, listed in _BY_REGION
        for each in listed.split(";")
    )
}
"""By code: the 101 départements."""

COUNTRIES: Final[dict[str, str]] = {each[:2]: each[3:] for each in _COUNTRIES.split(";")}
"""By ISO 3166-1 alpha-2 code."""
