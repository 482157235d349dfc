"""Who publishes a release, and where: what a release itself does not say, and platforms ask for."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from schemas.errors import UsageError

NOWHERE: Final = "https://hexaflux.example/"
"""Where a release is said to stand unless the address is given: a name that is reserved for examples (RFC 2606)."""
NOBODY: Final = "Hexaflux"
"""The publisher unless one is named."""


@dataclass(frozen=True)
class Publisher:
    """Its `name`; the `address` at which the folder of the release stands, with a slash at the end; its `licence`.

    `licence` is the address of the text, "" where none is stated. Raises UsageError for an empty name and for an
    address or licence that is no http or https address.
    """

    name: str = NOBODY
    address: str = NOWHERE
    licence: str = ""

    def __post_init__(self) -> None:
        if not self.name.strip() or not self.name.isprintable():
            raise UsageError(
                f"--publisher {self.name!r}: expected a name in one line", "name who publishes the release"
            )
        _see_that_it_is_one("--address", self.address)
        if urlsplit(self.address).query or urlsplit(self.address).fragment:
            raise UsageError(
                f"--address {self.address}: expected an address without ? and #",
                "give the address of the folder of the release, as https://data.ville.example/release/",
            )
        if self.licence:
            _see_that_it_is_one("--licence", self.licence)
        object.__setattr__(self, "address", f"{self.address.rstrip('/')}/")

    def at(self, path: str) -> str:
        """The address of a file or folder of the release."""
        return self.address + quote(path, safe="/=")

    @property
    def lacks(self) -> list[str]:
        """What was not given, as lines of a README in both languages."""
        lines = []
        if self.address == NOWHERE:
            lines += [
                f"Addresses begin with {NOWHERE}, which leads nowhere: --address says where the release stands.",
                f"Les adresses commencent par {NOWHERE}, qui ne mène nulle part : --address dit où est la publication.",
            ]
        if self.name == NOBODY:
            lines += [
                f"Publisher and data provider are {NOBODY}: --publisher names who publishes.",
                f"L'éditeur et le fournisseur des données sont {NOBODY} : --publisher nomme qui publie.",
            ]
        return lines


def named(name: str | None, address: str | None, licence: str | None) -> Publisher:
    """The publisher of what was given; the default stands for what was not."""
    given = {"name": name, "address": address, "licence": licence}
    return Publisher(**{field: value for field, value in given.items() if value is not None})


def _see_that_it_is_one(option: str, address: str) -> None:
    parts = urlsplit(address)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or address != quote(address, safe=":/?#[]@!$&'()*+,;=%~")
    ):
        raise UsageError(
            f"{option} {address}: expected an address that begins with http:// or https://",
            "write it in full, as https://data.ville.example/release/",
        )
