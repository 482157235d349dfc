"""The words of the page on which people answer, in French and in English."""

from collections.abc import Mapping
from typing import Final

from schemas.dates import Language
from schemas.feeds import Text
from schemas.typography import set_in_french

NAMES: Final[Mapping[Language, str]] = {"fr": "Français", "en": "English"}

WORDS: Final[Mapping[str, Text]] = {
    "skip": Text("Skip to the content", "Aller au contenu"),
    "languages": Text("Language", "Langue"),
    "kind": Text("Consultation, not an election", "Consultation, et non un scrutin"),
    "test": Text(
        "TEST: this consultation is for trying. Its figures protect nobody, and are no result of the town.",
        "ESSAI : cette consultation sert à essayer. Ses chiffres ne protègent personne et n’engagent pas la commune.",
    ),
    "until": Text("Answers are taken until {} included.", "On peut répondre jusqu’au {} inclus."),
    "from": Text("Answers are taken from {} on.", "On pourra répondre à partir du {}."),
    "over": Text("Over since {}; no more answers are taken.", "Terminée depuis le {} ; on ne peut plus répondre."),
    "published": Text("Closed on {}; the results are published.", "Close le {} ; les résultats sont publiés."),
    "consultations": Text("Consultations of the town", "Consultations de la commune"),
    "none": Text("There is no consultation at the moment.", "Il n’y a pas de consultation en ce moment."),
    "counter": Text("For who attends at the counter", "Pour qui tient le guichet"),
    "next": Text("The next person", "La personne suivante"),
    "in_person": Text(
        "You answer in person, and bring an identity card or a passport. {}",
        "On répond sur place, avec une carte d’identité ou un passeport. {}",
    ),
    "your_answer": Text("Your answer", "Votre réponse"),
    "your_district": Text("Your district", "Votre quartier"),
    "choose": Text("Choose…", "Choisir…"),
    "your_document": Text(
        "The lines at the bottom of your identity card or passport",
        "Les lignes en bas de votre carte d’identité ou passeport",
    ),
    "document_help": Text(
        "Two or three lines with many < signs; on recent cards they are on the back. They make sure that each person "
        "counts once. They are read in memory, and neither your name, nor the number, nor the lines are kept.",
        "Deux ou trois lignes pleines de signes < ; au dos pour les cartes récentes. Elles font que chaque personne "
        "compte une seule fois. Elles sont lues en mémoire ; ni le nom, ni le numéro, ni les lignes ne sont conservés.",
    ),
    "send": Text("Send my answer", "Envoyer ma réponse"),
    "wrong": Text("Your answer was not sent:", "Votre réponse n’est pas partie :"),
    "lines_wrong": Text(
        "these are not the lines of a document: 2 lines of 44 signs for a passport, 3 of 30 or 2 of 36 for a card.",
        "ce ne sont pas les lignes d’un document : 2 lignes de 44 signes (passeport), 3 de 30 ou 2 de 36 (carte).",
    ),
    "signs_wrong": Text(
        "the lines hold a sign that no document has; there are letters A to Z, digits and <.",
        "les lignes contiennent un signe qu’aucun document n’a ; il y a des lettres A à Z, des chiffres et <.",
    ),
    "kind_wrong": Text(
        "the lines are not those of an identity card or a passport.",
        "ces lignes ne sont pas celles d’une carte d’identité ni d’un passeport.",
    ),
    "digits_wrong": Text(
        "a check digit of the lines is wrong: compare every sign, above all 0 and O, 1 and I.",
        "un chiffre de contrôle est faux : comparez chaque signe, surtout 0 et O, 1 et I.",
    ),
    "birth_wrong": Text(
        "the lines give no complete date of birth. {contact}",
        "les lignes ne donnent pas de date de naissance complète. {contact}",
    ),
    "name_wrong": Text("the lines give no name. {contact}", "les lignes ne donnent pas de nom. {contact}"),
    "age_wrong": Text(
        "this consultation is for people aged {youngest} or more on {opens}. If you are over 99 years old: {contact}",
        "cette consultation s’adresse aux personnes de {youngest} ans ou plus au {opens}. "
        "Si vous avez plus de 99 ans : {contact}",
    ),
    "choice_wrong": Text("choose an answer.", "choisissez une réponse."),
    "district_wrong": Text("choose a district.", "choisissez un quartier."),
    "again": Text(
        "Enter the lines of the document again: they were not kept.",
        "Saisissez de nouveau les lignes du document : elles n’ont pas été conservées.",
    ),
    "counted": Text("Your answer counts", "Votre réponse compte"),
    "counted_more": Text(
        "Thank you. It cannot be changed, as nothing says any more which answer is yours. Close this page before "
        "somebody else uses this screen.",
        "Merci. Elle ne peut plus être changée : plus rien ne dit laquelle est la vôtre. Fermez cette page avant "
        "qu’une autre personne n’utilise cet écran.",
    ),
    "already": Text("An answer was given before", "Une réponse a déjà été donnée"),
    "already_more": Text(
        "Somebody with the same name and date of birth has answered; the first answer counts. If that was not you:",
        "Une personne de mêmes nom et date de naissance a répondu ; la première réponse compte. Si ce n’est pas vous :",
    ),
    "closed": Text("This consultation is over", "Cette consultation est terminée"),
    "closed_more": Text(
        "No more answers are taken. The results are published once.",
        "On ne peut plus répondre. Les résultats sont publiés une seule fois.",
    ),
    "unavailable": Text(
        "No answers can be taken at the moment. {contact}",
        "Aucune réponse ne peut être reçue pour le moment. {contact}",
    ),
    "results": Text("Results", "Résultats"),
    "proof": Text("Proof of protection", "Preuve de protection"),
    "limits": Text("What this does not protect or prove", "Ce que ceci ne protège ni ne prouve"),
    "operator": Text(
        "Whoever runs the server could change it so as to learn who answers what. Hence it is a consultation, not an "
        "election with a secret ballot.",
        "Qui exploite le serveur pourrait le modifier pour savoir qui répond quoi. C’est donc une consultation, et non "
        "un scrutin secret.",
    ),
    "memory": Text(
        "The lines of your document pass through the memory of the server, which no program can wipe for certain.",
        "Les lignes de votre document passent par la mémoire du serveur, qu’aucun programme n’efface à coup sûr.",
    ),
    "residence": Text(
        "A document does not prove where somebody lives: the district is what each person says.",
        "Un document ne prouve pas où l’on habite : le quartier est celui que chacun déclare.",
    ),
    "attended": Text(
        "Somebody compares the document with its bearer before an answer is given: no answer is taken from elsewhere.",
        "Une personne compare le document et son porteur avant la réponse : aucune réponse n’est reçue d’ailleurs.",
    ),
    "unattended": Text(
        "Nobody compares the document with its bearer: lines can be made up, or be those of somebody else.",
        "Personne ne compare le document et son porteur : des lignes peuvent être inventées, ou celles d’autrui.",
    ),
    "known": Text(
        "Who knows somebody’s name and date of birth can find out whether that person has answered, or answer first.",
        "Qui connaît le nom et la date de naissance de quelqu’un peut savoir s’il a répondu, ou répondre avant lui.",
    ),
    "namesakes": Text(
        "Two people with the same name who were born on the same day count once; who changed names can count twice.",
        "Deux personnes de même nom nées le même jour comptent une fois ; qui a changé de nom peut compter deux fois.",
    ),
    "paper": Text(
        "There is another way, on paper, for whoever cannot or does not want to answer here.",
        "Il existe une autre voie, sur papier, pour qui ne peut ou ne veut pas répondre ici.",
    ),
    "contact": Text("Ask: {}", "Contact : {}"),
}


def words(language: Language) -> dict[str, str]:
    """All words in a language, set as it is set."""
    return {key: spoken(text, language) for key, text in WORDS.items()}


def spoken(text: Text, language: Language) -> str:
    """A text in a language, set as it is set."""
    return set_in_french(text.fr) if language == "fr" else text.en
