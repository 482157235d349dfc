"""What can be reported: the services of Open311 and the questions that each asks, from a TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from schemas.dates import Language
from schemas.errors import UsageError

Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
"""What an answer is; the lists are those of the standard."""

LISTS: Final = ("singlevaluelist", "multivaluelist")
_CODE: Final = r"^[A-Za-z0-9_-]{1,64}$"
_STRICT: Final = ConfigDict(extra="forbid")
Code = Annotated[str, Field(pattern=_CODE)]
Words = Annotated[str, Field(min_length=1, max_length=1000)]


@checked(frozen=True, config=_STRICT)
class Both:
    """A text in both languages."""

    fr: Words
    en: Words

    def told(self, language: Language) -> str:
        """The text in a language."""
        return self.fr if language == "fr" else self.en


@checked(frozen=True, config=_STRICT)
class Choice:
    """A possible answer to a question with a list."""

    key: Code
    name: Both


@checked(frozen=True, config=_STRICT)
class Attribute:
    """A question of a service; without `variable` it only tells something and takes no answer."""

    code: Code
    description: Both
    datatype: Datatype = "string"
    variable: bool = True
    required: bool = False
    datatype_description: Both | None = None
    values: tuple[Choice, ...] = ()


@checked(frozen=True, config=_STRICT)
class ServiceType:
    """A kind of fault that can be reported."""

    service_code: Code
    service_name: Both
    description: Both
    keywords: tuple[Annotated[str, Field(pattern=r"^[^,]+$")], ...] = ()
    group: str = ""
    attributes: tuple[Attribute, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """The services by their code, in the order of the file."""

    services: Mapping[str, ServiceType]


def read(path: Path | None) -> Catalogue:
    """The services of a TOML file, or the package's own without one.

    Raises UsageError, with the way to the value, for a file that cannot be read or is not as it has to be.
    """
    name = "services.toml" if path is None else str(path)
    try:
        data = (files("pipelines.server.reports") / name).read_bytes() if path is None else path.read_bytes()
        table = tomllib.loads(data.decode())
    except OSError as error:
        raise _error(name, "a file that can be read", type(error).__name__) from None
    except ValueError:
        raise _error(name, "TOML in UTF-8", "something else") from None
    try:
        found = TypeAdapter(tuple[ServiceType, ...]).validate_python(table.get("service", ()))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = " ".join(map(str, ("service", *(step + 1 if isinstance(step, int) else step for step in first["loc"]))))
        raise _error(f"{name}, {where}", first["msg"], "another value") from None
    _check(name, found)
    return Catalogue({service.service_code: service for service in found})


def _check(name: str, services: tuple[ServiceType, ...]) -> None:
    if not services:
        raise _error(name, "at least one [[service]]", "none")
    _once(name, [service.service_code for service in services], "service_code")
    for service in services:
        where = f"{name}, service {service.service_code}"
        _once(where, [attribute.code for attribute in service.attributes], "code of an attribute")
        for attribute in service.attributes:
            _once(f"{where}, attribute {attribute.code}", [value.key for value in attribute.values], "key of a value")
            if bool(attribute.values) != (attribute.datatype in LISTS):
                raise _error(f"{where}, attribute {attribute.code}", f"values for {' and '.join(LISTS)} only", "others")
            if attribute.required and not attribute.variable:
                raise _error(
                    f"{where}, attribute {attribute.code}", "an answer to what is required", "variable = false"
                )


def _once(where: str, codes: list[str], what: str) -> None:
    if len(set(codes)) < len(codes):
        raise _error(where, f"each {what} once", "one of them twice")


def _error(where: str, expected: str, found: str) -> UsageError:
    hint = f"see docs/reports.md; datatype is one of {', '.join(get_args(Datatype))}, a code has letters, digits, _, -"
    return UsageError(f"{where}: expected {expected}, found {found}", hint)
