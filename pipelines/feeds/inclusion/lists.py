"""The closed lists of the standard, each value with its English; the standard's own French is what stands in a file."""

from typing import Final

SERVICES: Final = {
    "Aide aux démarches administratives": "Help with administrative procedures",
    "Maîtrise des outils numériques du quotidien": "Everyday digital skills",
    "Insertion professionnelle via le numérique": "Digital skills for finding work",
    "Utilisation sécurisée du numérique": "Staying safe online",
    "Parentalité et éducation avec le numérique": "Parenting and education with digital tools",
    "Loisirs et créations numériques": "Digital leisure and creation",
    "Compréhension du monde numérique": "Understanding the digital world",
    "Accès internet et matériel informatique": "Internet access and computers",
    "Acquisition de matériel informatique à prix solidaire": "Computers at a reduced price",
}
FOR_WHOM: Final = {
    "Jeunes": "Young people",
    "Étudiants": "Students",
    "Familles et/ou enfants": "Families and children",
    "Seniors": "Older people",
    "Femmes": "Women",
}
NEEDS: Final = {
    "Surdité": "Deafness",
    "Handicaps moteurs": "Motor disabilities",
    "Handicaps mentaux": "Mental disabilities",
    "Illettrisme": "Difficulty in reading and writing",
    "Langues étrangères (anglais)": "Foreign languages (English)",
    "Langues étrangères (autres)": "Foreign languages (others)",
    "Déficience visuelle": "Visual impairment",
}
COST: Final = {"Gratuit": "Free", "Gratuit sous condition": "Free under conditions", "Payant": "Paid"}
NO_PUBLIC: Final = "Ce lieu n'accueille pas de public"
ACCESS: Final = {
    "Se présenter": "Come by",
    "Téléphoner": "Telephone",
    "Contacter par mail": "Write an e-mail",
    "Prendre un RDV en ligne": "Make an appointment online",
    NO_PUBLIC: "This place does not receive the public",
    "Envoyer un mail avec une fiche de prescription": "Send an e-mail with a referral form",
}
SUPPORT: Final = {
    "En autonomie": "On your own",
    "Accompagnement individuel": "One-to-one help",
    "Dans un atelier collectif": "In a group workshop",
    "À distance": "Remotely",
}
ITINERANT: Final = "Itinérant"
FIXED: Final = "Fixe"

PROGRAMMES: Final = (
    "Aidants Connect",
    "Bibliothèques numérique de référence",
    "Certification PIX",
    "Conseillers numériques",
    "Emmaüs Connect",
    "France Services",
    "Grande école du numérique",
    "La Croix Rouge",
    "Point d'accès numérique CAF",
    "Promeneurs du net",
    "Relais numérique (Emmaüs Connect)",
)
LABELS: Final = (
    "Formé à « Mon Espace Santé »",
    "Formé à « DUPLEX » (illettrisme)",
    "Arnia/MedNum BFC (Bourgogne-Franche-Comté)",
    "Collectif ressources et acteurs réemploi (Normandie)",
    # Without a space, as the schema has it; the reference library of the national map writes one.
    "Étapes numériques(La Poste)",
    "Fabriques de Territoire",
    "Les Éclaireurs du numérique (Drôme)",
    "Mes Papiers (Métropole de Lyon)",
    "ORDI 3.0",
    "SUD LABS (PACA)",
)
_KINDS: Final = """
    ACI ACIPHC AFPA AI ASE ASSO ASSO_CHOMEUR Autre AVIP BIB CAARUD CADA CAF CAP_EMPLOI CAVA CC CCAS CCONS CD CDAS CFP
    CHRS CHU CIAS CIDFF CITMET CMP CMS CPAM CPH CS CSAPA CSC DEETS DEPT DIPLP E2C EA EATT EI EITI ENM EPCI EPI EPIDE EPN
    ES ESAT ESS ETTI EVS FABLAB FABRIQUE FAIS FT GEIQ HUDA LA_POSTE MDE MDEF MDH MDPH MDS MJC ML MQ MSA MSAP MUNI OACAS
    ODC OF OIL OPCS PAD PENSION PI PIJ_BIJ PIMMS PJJ PLIE PREF PREVENTION REG RELAIS_LECTURE RESSOURCERIE RFS RS_FJT SCP
    SPIP TIERS_LIEUX UDAF
"""
KINDS: Final = tuple(_KINDS.split())
"""Codes of data.inclusion for the kinds of structures, as the reference library of the national map has them."""
