"""A text in the language that is asked for, set as it is there. Pure."""

from schemas.dates import Language
from schemas.feeds import Text
from schemas.typography import set_in_french


def told(text: Text, language: Language) -> str:
    """A text in a language, with the spaces that French has."""
    return set_in_french(text.fr) if language == "fr" else text.en
