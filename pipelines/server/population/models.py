"""Request and responses in the names of the standard; what is not declared here is refused."""

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
CORRELATOR: Final = r"^[a-zA-Z0-9-_:;.\/<>{}]{0,256}$"


def _instant(value: object) -> datetime:
    if not isinstance(value, str) or len(value) > 64 or not _RFC_3339.fullmatch(value):
        raise ValueError("not a date-time of RFC 3339 with its offset")
    return datetime.fromisoformat(value.upper())


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": 64}),
]
Geohash = Annotated[str, Field(pattern="^[0-9bcdefghjkmnpqrstuvwxyz]{1,12}$", max_length=12)]
Address = Annotated[str, Field(pattern=r"^https:\/\/.+$", max_length=2048)]
Density = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Point(_Given):
    """A place, in degrees (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(ge=-180, le=180, allow_inf_nan=False)


class Polygon(_Given):
    """A simple polygon; the last point may repeat the first."""

    areaType: Literal["POLYGON"]
    boundary: list[Point] = Field(min_length=3, max_length=15)


class GeohashList(_Given):
    """Geohash cells, of the supported precisions."""

    areaType: Literal["GEOHASHLIST"]
    geohashes: list[Geohash] = Field(min_length=1, max_length=1000)


class AccessTokenCredential(_Given):
    """The token that a callback carries."""

    credentialType: Literal["ACCESSTOKEN"]
    accessToken: str = Field(max_length=4096, repr=False)
    accessTokenExpiresUtc: Instant
    accessTokenType: Literal["bearer"]


class PrivateKeyJWTCredential(_Given):
    """Of the standard, and not supported: it is refused with INVALID_CREDENTIAL."""

    credentialType: Literal["PRIVATE_KEY_JWT"]
    clientId: str = Field("", max_length=128)
    tokenUri: Address | None = None
    jwksUri: Address | None = None


class PopulationDensityRequest(_Given):
    """What is asked: where, when, how finely, and where the answer is to be sent to."""

    area: Polygon | GeohashList = Field(discriminator="areaType")
    startTime: Instant
    endTime: Instant
    precision: int = Field(7, ge=1, le=12)
    sink: Address | None = None
    sinkCredential: AccessTokenCredential | PrivateKeyJWTCredential | None = Field(None, discriminator="credentialType")


class CellPopulationDensityData(BaseModel):
    """One cell in one hour; people per km2 only with DENSITY_ESTIMATION."""

    geohash: Geohash
    dataType: Literal["NO_DATA", "LOW_DENSITY", "DENSITY_ESTIMATION"]
    pplDensity: Density = 0
    minPplDensity: Density = 0
    maxPplDensity: Density = 0


class TimedPopulationDensityData(BaseModel):
    """One hour."""

    startTime: Instant
    endTime: Instant
    cellPopulationDensityData: list[CellPopulationDensityData] = Field(min_length=1, max_length=10_000)


class PopulationDensityResponse(BaseModel):
    """The answer."""

    timedPopulationDensityData: list[TimedPopulationDensityData] = Field(max_length=168)
    status: Literal["SUPPORTED_AREA", "PART_OF_AREA_NOT_SUPPORTED", "AREA_NOT_SUPPORTED", "OPERATION_NOT_COMPLETED"]
    statusInfo: str = Field("", max_length=512)


class AcceptedAsyncResponse(BaseModel):
    """The answer will be sent."""

    operationId: str = Field(max_length=256)


class PopulationDensityAsyncResponse(PopulationDensityResponse, AcceptedAsyncResponse):
    """What is sent to the sink."""


class ErrorInfo(BaseModel):
    """Why a request was not carried out."""

    status: int = Field(ge=100, le=599)
    code: str = Field(max_length=96)
    message: str = Field(max_length=512)
