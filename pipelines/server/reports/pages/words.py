"""What the pages say, in both languages."""

from collections.abc import Mapping
from typing import Final

from schemas.feeds import Text

WORDS: Final[Mapping[str, Text]] = {
    "title": Text("Network faults", "Signal Réseau"),
    "skip": Text("Go to the content", "Aller au contenu"),
    "other": Text("Français", "English"),
    "refused": Text("This was not done", "Cela n’a pas été fait"),
    "back": Text("Back", "Retour"),
    # Logging in.
    "desk": Text("Technical service", "Service technique"),
    "login": Text("Log in", "Se connecter"),
    "logout": Text("Log out", "Se déconnecter"),
    "key": Text("API key", "Clé d’API"),
    "key_hint": Text(
        "Of a client with the scope reports:manage; it is asked for again after eight hours.",
        "D’un client qui a le droit reports:manage ; elle est redemandée après huit heures.",
    ),
    "wrong_key": Text("This key does not open this page.", "Cette clé n’ouvre pas cette page."),
    "no_session": Text("Please log in again.", "Merci de vous connecter de nouveau."),
    "foreign_form": Text(
        "The form is too old, or was not made here. Load the page again.",
        "Le formulaire est trop ancien, ou ne vient pas d’ici. Rechargez la page.",
    ),
    # The list.
    "reports": Text("Reports", "Signalements"),
    "open": Text("Open", "Ouverts"),
    "overdue": Text("Overdue", "En retard"),
    "closed": Text("Closed", "Clos"),
    "all": Text("All", "Tous"),
    "all_services": Text("All services", "Tous les services"),
    "service": Text("Service", "Service"),
    "show": Text("Show", "Afficher"),
    "none": Text("No report of this kind in the last 90 days.", "Aucun signalement de ce type depuis 90 jours."),
    "first": Text("The first {count} are shown.", "Les {count} premiers sont affichés."),
    "term": Text("Term: {when}", "Échéance : {when}"),
    "is_overdue": Text("Overdue since {when}", "En retard depuis le {when}"),
    "is_late": Text("Closed after its term", "Clos après l’échéance"),
    "with_photo": Text("with a photo", "avec photo"),
    "is_published": Text("published", "publié"),
    "unread": Text("text not published", "texte non publié"),
    # One report.
    "report": Text("Report {name}", "Signalement {name}"),
    "state_opened": Text("Reported", "Signalé"),
    "state_acknowledged": Text("Acknowledged", "Pris en charge"),
    "state_closed": Text("Closed", "Clos"),
    "state_reopened": Text("Reopened", "Rouvert"),
    "event_published": Text("Text and photo published", "Texte et photo publiés"),
    "event_withdrawn": Text("Text and photo withdrawn", "Texte et photo retirés"),
    "event_outage": Text("Outage confirmed: {when}", "Panne confirmée : {when}"),
    "event_no_outage": Text("Outage taken back", "Panne annulée"),
    "from_to": Text("{start} to {end}", "du {start} au {end}"),
    "from": Text("since {start}", "depuis le {start}"),
    "requested": Text("Reported on", "Signalé le"),
    "term_is": Text("Term", "Échéance"),
    "address": Text("Address", "Adresse"),
    "place": Text("Latitude, longitude", "Latitude, longitude"),
    "description": Text("Description", "Description"),
    "link": Text("Address of a picture, which was not opened", "Adresse d’une image, qui n’a pas été ouverte"),
    "who": Text("Who reported", "Qui a signalé"),
    "photo": Text("Photo", "Photo"),
    "photo_of": Text("Photo of the report {name}", "Photo du signalement {name}"),
    "network": Text("What the network tells", "Ce que dit le réseau"),
    "verdict_corroborated": Text(
        "Corroborated: cells that serve this place were silent around the time of the report.",
        "Corroboré : des cellules qui desservent ce lieu étaient muettes autour du signalement.",
    ),
    "verdict_contradicted": Text(
        "Contradicted: the cells that serve this place were on air. The fault may lie elsewhere: see for yourself.",
        "Contredit : les cellules qui desservent ce lieu émettaient. La panne peut être ailleurs : à vérifier.",
    ),
    "verdict_cannot tell": Text(
        "The network cannot tell, or not any more: what it tells is known for 14 days.",
        "Le réseau ne permet pas de le dire, ou plus : ce qu’il dit est connu pendant 14 jours.",
    ),
    "verdict_": Text(
        "Not known yet, or not at all: it is told at the earliest one hour after the report.",
        "Pas encore connu, ou pas du tout : c’est dit au plus tôt une heure après le signalement.",
    ),
    "verdict_never": Text("It closes no report and refuses none.", "Cela ne clôt ni ne refuse jamais un signalement."),
    "history": Text("History", "Historique"),
    "do": Text("What to do", "Que faire"),
    "note": Text("Note", "Note"),
    "public_note": Text("Note, which all can read", "Note, que tout le monde peut lire"),
    "acknowledge": Text("Acknowledge", "Prendre en charge"),
    "close": Text("Close", "Clore"),
    "reopen": Text("Reopen", "Rouvrir"),
    "publish": Text("Publish text, place and photo", "Publier texte, lieu et photo"),
    "publish_hint": Text(
        "Read them first: is nobody named or to be recognised?",
        "Lisez d’abord : personne n’est nommé, personne n’est reconnaissable ?",
    ),
    "withdraw": Text("Withdraw text, place and photo", "Retirer texte, lieu et photo"),
    "outage": Text("Confirm an outage", "Confirmer une panne"),
    "outage_hint": Text(
        "Figures of attendance of this place and time will be flagged. Leave the end empty while it lasts.",
        "Les chiffres de fréquentation de ce lieu et de ce moment seront signalés. Fin vide tant que la panne dure.",
    ),
    "outage_kept": Text(
        "It is kept with the report alone: no figures are flagged, as who runs this server made no folder for that. "
        "Leave the end empty while it lasts.",
        "Elle reste avec le signalement : aucun chiffre n’est signalé, car qui gère ce serveur n’a pas créé de dossier "
        "pour cela. Fin vide tant que la panne dure.",
    ),
    "not_handed": Text(
        "This is kept with the report, but the figures do not have it yet: the file for them cannot be written. Please "
        "tell who runs this server. It is tried again every hour.",
        "C’est gardé avec le signalement, mais les chiffres ne l’ont pas encore : leur fichier ne peut pas être écrit. "
        "Merci de le dire à qui gère ce serveur. Un nouvel essai a lieu chaque heure.",
    ),
    "no_place": Text(
        "A report without latitude and longitude cannot confirm an outage.",
        "Un signalement sans latitude ni longitude ne peut pas confirmer une panne.",
    ),
    "start": Text("From", "Du"),
    "end": Text("To", "Au"),
    "confirm": Text("Confirm", "Confirmer"),
    "no_outage": Text("Take the outage back", "Annuler la panne"),
    "not_now": Text(
        "This cannot be done now: somebody may have been quicker.",
        "Ce n’est pas possible maintenant : quelqu’un a peut-être été plus rapide.",
    ),
    "needs_note": Text("To close needs a note of 1 to 1,000 characters.", "Pour clore, une note de 1 à 1 000 signes."),
    "long_note": Text("A note has at most 1,000 characters.", "Une note a au plus 1 000 signes."),
    "wrong_outage": Text(
        "An outage begins before now, and ends after it begins.",
        "Une panne commence avant maintenant, et finit après son début.",
    ),
    "gone": Text("There is no such report, or not any more.", "Ce signalement n’existe pas, ou plus."),
    # Who reports.
    "tell": Text("Report a fault", "Signaler une panne"),
    "which": Text("What does not work?", "Qu’est-ce qui ne marche pas ?"),
    "another": Text("Another fault", "Une autre panne"),
    "where": Text("Where? (address, or how to find it)", "Où ? (adresse, ou comment trouver)"),
    "by_degrees": Text("Or by latitude and longitude", "Ou par latitude et longitude"),
    "latitude": Text("Latitude", "Latitude"),
    "longitude": Text("Longitude", "Longitude"),
    "what": Text("What happens? (optional)", "Que se passe-t-il ? (facultatif)"),
    "no_names": Text("Please name nobody.", "Merci de ne nommer personne."),
    "add_photo": Text("A photo (optional)", "Une photo (facultatif)"),
    "photo_hint": Text(
        "JPEG, PNG or WebP, at most 10 MiB. Where and with what it was taken is removed. No faces, please.",
        "JPEG, PNG ou WebP, 10 Mio au plus. Lieu et appareil de la prise de vue sont effacés. Pas de visages, merci.",
    ),
    "email": Text("E-mail, if we may ask back (optional)", "Courriel, si nous pouvons vous répondre (facultatif)"),
    "email_hint": Text(
        "It is not published, and deleted with the report.", "Il n’est pas publié, et part avec le signalement."
    ),
    "required": Text("required", "obligatoire"),
    "choose": Text("Please choose", "À choisir"),
    "send": Text("Send", "Envoyer"),
    "promise": Text(
        "It should be mended within {hours} hours. Text, place and photo are published only once somebody has read "
        "them. The report is deleted {days} days after it is closed.",
        "La réparation est attendue sous {hours} heures. Texte, lieu et photo ne sont publiés qu’après lecture. Le "
        "signalement est effacé {days} jours après sa clôture.",
    ),
    "sent": Text("Thank you: your report has the number {name}.", "Merci : votre signalement porte le numéro {name}."),
    "keep": Text("Keep this address to follow it.", "Gardez cette adresse pour le suivre."),
    "too_many": Text(
        "Too many reports came from here in this hour. Please try again later.",
        "Trop de signalements sont venus d’ici en une heure. Merci de réessayer plus tard.",
    ),
    "wrong": Text("Please look at this again:", "À revoir :"),
}
