"""A request, checked against the clock, the limits and the map: what is to be answered, or why nothing is."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from pipelines.server.population import area, geohash, refusals
from pipelines.server.population.answer import Asked
from pipelines.server.population.models import AccessTokenCredential, GeohashList, Polygon, PopulationDensityRequest
from pipelines.server.population.settings import Population
from pipelines.server.population.sinks import may_be_sent

PRECISIONS: Final = range(5, 8)
"""From 4.9 km to 153 m: nothing finer than a hexagon is published, and a coarser cell would be larger than a town."""
REACH: Final = timedelta(days=92)
"""Three months, of which none has more days."""
LONGEST: Final = timedelta(days=7)
MOST_HOURS: Final = 168
_SECONDS: Final = 3600


def asked(request: PopulationDensityRequest, now: datetime, first: int, settings: Population) -> Asked:
    """What a request asks for; raises Refused.

    `first` is the first hour that is published, counted from 1970 in UTC: it may be asked for, however long ago it is.
    """
    hours = _hours(request.startTime, request.endTime, now, first)
    found = _of_area(request, hours, request.startTime > now, settings)
    if found.size > settings.largest_callback:
        raise refusals.UNSUPPORTED_REQUEST
    if request.sink is None and found.size > settings.largest_answer:
        raise refusals.UNSUPPORTED_SYNC_RESPONSE
    return found


def token(request: PopulationDensityRequest, now: datetime, settings: Population) -> str:
    """The token of a request with a sink, "" for none; raises Refused where the answer cannot be sent with it."""
    if request.sink is None or not may_be_sent(request.sink, settings.sinks):
        raise refusals.INVALID_SINK
    credential = request.sinkCredential
    if credential is None:
        return ""
    if not isinstance(credential, AccessTokenCredential):
        raise refusals.INVALID_CREDENTIAL
    # A line break would end the header in which the token stands.
    if credential.accessTokenExpiresUtc <= now or not credential.accessToken.isascii():
        raise refusals.INVALID_TOKEN
    if not credential.accessToken.isprintable() or " " in credential.accessToken or not credential.accessToken:
        raise refusals.INVALID_TOKEN
    return credential.accessToken


def _hours(start: datetime, end: datetime, now: datetime, first: int) -> range:
    """The hours that cover a period; one that has no length, and one that ends as an hour begins, has an hour less."""
    if start < now - REACH and start.timestamp() < first * _SECONDS:
        raise refusals.MIN_STARTTIME
    if start > now + REACH:
        raise refusals.MAX_STARTTIME
    if end < start:
        raise refusals.INVALID_END_TIME
    if start <= now < end:
        raise refusals.INVALID_TIME_PERIOD
    if end > now + REACH:
        raise refusals.MAX_STARTTIME
    low = int(start.timestamp() // _SECONDS)
    hours = range(low, max(low + 1, -int(-end.timestamp() // _SECONDS)))
    if end - start > LONGEST or len(hours) > MOST_HOURS:
        raise refusals.MAX_TIME_PERIOD
    return hours


def _of_area(request: PopulationDensityRequest, hours: range, to_come: bool, settings: Population) -> Asked:
    match request.area:
        case GeohashList(geohashes=geohashes):
            if "precision" in request.model_fields_set:
                raise refusals.PRECISION_OF_LIST
            if not settings.geohash_lists:
                raise refusals.UNSUPPORTED_AREA_TYPE
            if any(len(each) not in PRECISIONS for each in geohashes):
                raise refusals.UNSUPPORTED_PRECISION
            boxes = [geohash.boxes(geohash.parsed([each]), len(each)) for each in geohashes]
            return Asked(geohashes, np.concatenate(boxes), hours, to_come)
        case Polygon() as polygon:
            if request.precision not in PRECISIONS:
                raise refusals.UNSUPPORTED_PRECISION
            codes = _covered(polygon, request.precision)
            written = geohash.texts(codes, request.precision)
            return Asked(written, geohash.boxes(codes, request.precision), hours, to_come)


def _covered(polygon: Polygon, precision: int) -> geohash.Codes:
    try:
        shape = area.polygon([(point.longitude, point.latitude) for point in polygon.boundary])
        return area.cover(shape, precision)
    except area.InvalidAreaError:
        raise refusals.INVALID_AREA from None
    except area.TooLargeError:
        raise refusals.UNSUPPORTED_REQUEST from None
