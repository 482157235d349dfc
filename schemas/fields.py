"""Every column, declared once: its name, its type and what it means."""

from dataclasses import dataclass, replace

import pyarrow as pa

from schemas import countries, vocabulary

INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Field:
    """A column: what it is called, how it is stored and what it means.

    `values` is the closed list of a column that has one; pooled values join several of them with `|`. With
    `names_zones`, identifiers of zones may stand there too.
    """

    name: str
    type: pa.DataType
    meaning: str
    unit: str = ""
    nullable: bool = False
    values: tuple[str, ...] = ()
    names_zones: bool = False

    @property
    def arrow(self) -> pa.Field:
        """The Arrow field, with the meaning and the unit as metadata."""
        metadata = {"meaning": self.meaning} | ({"unit": self.unit} if self.unit else {})
        return pa.field(self.name, self.type, self.nullable, metadata)

    def optional(self) -> "Field":
        """The same column where it may be absent or null."""
        return replace(self, nullable=True)


# Inputs

EVENT_TIME = Field("event_time", INSTANT, "When the network saw the device.", "UTC")
SUBSCRIBER_ID = Field("subscriber_id", pa.string(), "The operator's identifier of the line.")
CELL_ID = Field("cell_id", pa.string(), "The operator's identifier of the radio cell.")
EVENT_TYPE = Field("event_type", pa.string(), "What the device did.", nullable=True, values=vocabulary.EVENT_TYPES)
HOME_MCC = Field(
    "home_mcc",
    pa.int32(),
    "Mobile country code of the network that issued the SIM; "
    "without it, the first three digits of a 15-digit identifier of the line.",
    "ITU-T E.212 code",
    nullable=True,
)
AGE_BAND = Field("age_band", pa.string(), "Age of the person, in bands.", "years", values=vocabulary.AGE_BANDS)
BIRTH_YEAR = Field(
    "birth_year",
    pa.int32(),
    "Year of birth of the holder, where no age band is given.",
    "year",
    nullable=True,
)
SPC = Field(
    "spc",
    pa.string(),
    "Socio-professional class of the person.",
    "INSEE PCS 2020 level 1",
    values=vocabulary.SPC,
)
HOME_ZONE = Field("home_zone", pa.string(), "Commune in which the holder lives.", "INSEE commune code", nullable=True)
LINE_TYPE = Field(
    "line_type",
    pa.string(),
    f"Kind of line; these stand for no person and are left out: {', '.join(vocabulary.EXCLUDED_LINE_TYPES)}.",
    nullable=True,
)
HOLDER = Field("holder", pa.string(), "The person or contract that holds the line; k counts holders.", nullable=True)
OPTED_OUT = Field(
    "opted_out", pa.bool_(), "Whether the holder objected: all events of the line are dropped.", nullable=True
)
LATITUDE = Field("latitude", pa.float64(), "Latitude of the antenna.", "degrees, WGS 84")
LONGITUDE = Field("longitude", pa.float64(), "Longitude of the antenna.", "degrees, WGS 84")
AZIMUTH = Field(
    "azimuth_deg",
    pa.float64(),
    "Direction in which the antenna points; null means all around.",
    "degrees clockwise from north",
    nullable=True,
)
BEAMWIDTH = Field("beamwidth_deg", pa.float64(), "Horizontal opening of the beam.", "degrees", nullable=True)
RANGE = Field("range_m", pa.float64(), "Distance at which the footprint ends.", "metres", nullable=True)
TECHNOLOGY = Field("technology", pa.string(), "Radio technology, for example 2G, 4G or 5G.", nullable=True)
VALID_FROM = Field("valid_from", INSTANT, "First instant at which the cell is on air.", "UTC", nullable=True)
VALID_TO = Field("valid_to", INSTANT, "Instant from which the cell is off air again.", "UTC", nullable=True)
ZONE_ID = Field("zone_id", pa.string(), "Identifier of the zone.")
ZONE_NAME = Field("name", pa.string(), "Name of the zone for people.")
ZONE_KIND = Field("kind", pa.string(), "Kind of zone; the zones of one kind are published together.")
PARENT = Field("parent", pa.string(), "Identifier of the zone that contains this one.", nullable=True)
SENSITIVE = Field(
    "sensitive",
    pa.bool_(),
    "Whether being there tells something intimate (hospital, worship): only day totals are published.",
    nullable=True,
)
CENSUS_PEOPLE = Field("people", pa.float64(), "Inhabitants according to the census.", "people")
COUNTRY = Field("country", pa.string(), "Country of the visitors.", "ISO 3166-1 alpha-2 code")
SHARE = Field("share", pa.float64(), "Share of the visitors from the country who roam on this network.", "0 to 1")
SHARE_SD = Field("sd", pa.float64(), "Standard deviation of that share.", "0 to 1")

# Internal

DEVICE = Field("device", pa.uint64(), "Pseudonym of the device, which lives one privacy day.")
CELL = Field("cell", pa.int32(), "Row of the cell in the network.")
EVENT_TYPE_CODE = Field(
    "event_type", pa.int8(), "0 without a type, else 1 + its place in the closed list of event types."
)
LINE = Field("line", pa.int16(), "Ordinal of the line within its holder; 0 without a holder.")
HOME_MCC_CODE = Field(
    "home_mcc", pa.int16(), "Mobile country code of the SIM; 0 where it is unknown.", "ITU-T E.212 code"
)
AGE_BAND_CODE = Field("age_band", pa.int8(), "Place in the closed list of age bands.")
SPC_CODE = Field("spc", pa.int8(), "Place in the closed list of socio-professional classes.")
HOME_ZONE_CODE = Field("home_zone", pa.int32(), "Place in the register's list of home zones; -1 where it is unknown.")
SEQUENCE = Field("sequence", pa.int32(), "Rank of the stay among those of its device that start at the same instant.")
HEXAGON = Field("hexagon", pa.int32(), "Row of the hexagon among those that a footprint reaches.")
START = Field("start", INSTANT, "Time of the first event of the stay.", "UTC")
LAST = Field("last", INSTANT, "Time of the last event of the stay.", "UTC")
BEGIN = Field("begin", INSTANT, "From when the device is known to be there.", "UTC")
END = Field("end", INSTANT, "Until when the device is known to be there.", "UTC")
SIGNALS = Field(
    "signals",
    pa.int32(),
    "How many of its events come more than five minutes after the device's event before.",
    "events",
)
OPEN = Field("open", pa.bool_(), "Whether the device's next event may still lengthen the stay.")
KNOWN_MCC = Field(
    "known_mcc",
    pa.int16(),
    "First mobile country code that the device's events of the day state, up to the stay's last; 0 where none does.",
    "ITU-T E.212 code",
)
PLACE = Field(
    "place",
    pa.int64(),
    "Attribute and class, hexagon and slot in one number; for the plain count, the slot where the sum changes.",
)
EXACT_DEVICES = Field(
    "devices", pa.int64(), "Exact number of distinct devices, which may be small, or what to add to it.", "devices"
)
ZONE = Field("zone", pa.int32(), "Row of the zone in the tree of zones.")
WEIGHT = Field("weight", pa.int64(), "What the devices stand for, or what to add to it.", "thousandths of people")
DWELL = Field("dwell", pa.int64(), "All of the device's time in the zone on the privacy day.", "microseconds")
ARRIVAL = Field("arrival", pa.int8(), "Local hour in which the device's first stay in the zone begins.", "hour")
NIGHT = Field("night", pa.bool_(), "Whether the device spends the night in the zone.")
HOUR = Field("hour", pa.int8(), "Hour of the privacy day, from 0.", "hour")
FROM_ZONE = Field("from_zone", pa.int32(), "Row of the zone that a device leaves in the tree of zones.")
TO_ZONE = Field("to_zone", pa.int32(), "Row of the zone that it goes to, of the same layer.")
BIN = Field("bin", pa.int16(), "Five minutes of the privacy day, from 0.", "5 minutes")
EVENTS = Field("events", pa.int64(), "Accepted events; duplicates and late ones are left out.", "events")
EVENTS_OF_HOUR = Field("events", pa.list_(pa.int32()), "Accepted events of each five minutes of the hour.", "events")
HOUR_DEVICES = Field("devices", pa.int64(), "Distinct devices that are known there in the hour, at least k.", "devices")
HOUR_START = Field("hour_start", INSTANT, "First instant of the hour.", "UTC")
CELL_STATE = Field(
    "state",
    pa.string(),
    "What the events of the hour tell of a cell that expects at least k devices; unknown has no row.",
    values=vocabulary.CELL_STATES,
)
H3_CELL = Field("hexagon", pa.uint64(), "H3 cell of the base resolution.")
SERVED_SHARE = Field("share", pa.float64(), "How likely the radio cell is to serve a device in the hexagon.", "0 to 1")
REPORT_ID = Field("id", pa.string(), "Identifier of the report of a fault.")
REPORT_LATITUDE = Field("latitude", pa.float64(), "Latitude of the fault.", "degrees, WGS 84", nullable=True)
REPORT_LONGITUDE = Field("longitude", pa.float64(), "Longitude of the fault.", "degrees, WGS 84", nullable=True)
REQUESTED_AT = Field("requested_at", INSTANT, "When the fault was reported.", "UTC")
VERDICT = Field(
    "verdict",
    pa.string(),
    "What the network tells of the report; null until one hour later is known.",
    nullable=True,
    values=vocabulary.VERDICTS,
)
FILE = Field("file", pa.string(), "Name of the input file.")
ROW = Field("row", pa.int64(), "Position of the row in its file, from 1.")
REASON = Field("reason", pa.string(), "Why the row was rejected; it quotes nothing of the row.")

# Released

WINDOW_START = Field("window_start", INSTANT, "First instant of the window.", "UTC")
WINDOW_END = Field("window_end", INSTANT, "First instant after the window.", "UTC")
PART_ZONE_ID = Field(
    "zone_id",
    pa.string(),
    "Innermost zone of the part, or `territory`; a pool of whole zones joins their identifiers with `|`.",
)
CELLS = Field(
    "cells",
    pa.list_(pa.uint64()),
    "H3 cells of mixed resolutions that cover the part, ascending.",
    "H3 index",
)
DEVICES = Field("devices", pa.int64(), "Distinct devices in the part, tested against k and then rounded.", "devices")
PEOPLE = Field("people", pa.float64(), "Estimated number of people that the devices stand for.", "people")
PEOPLE_LOW = Field("people_low", pa.float64(), "Lower end of the interval around `people`.", "people")
PEOPLE_HIGH = Field("people_high", pa.float64(), "Upper end of the interval around `people`.", "people")
ADDITIVE = Field("additive", pa.bool_(), "Whether the rows of one window may be summed.")
RELEASED_AGE_BAND = Field(
    "age_band",
    pa.string(),
    "Age band, several joined with `|`, `foreign` for foreign devices, or `all` where the split collapsed.",
    "years",
    values=(*vocabulary.AGE_BANDS, vocabulary.FOREIGN, vocabulary.ALL),
)
RELEASED_SPC = Field(
    "spc",
    pa.string(),
    "Socio-professional class, several joined with `|`, `foreign` for foreign devices, "
    "or `all` where the split collapsed.",
    "INSEE PCS 2020 level 1",
    values=(*vocabulary.SPC, vocabulary.FOREIGN, vocabulary.ALL),
)
DWELL_BAND = Field(
    "dwell_band",
    pa.string(),
    "Band of dwell time in the zone, or several joined with `|`.",
    "lower bound included",
    values=vocabulary.DWELL_BANDS,
)

VISITOR_CATEGORY = Field(
    "visitor_category",
    pa.string(),
    "Category of visitor of the zone, or several joined with `|`.",
    values=vocabulary.VISITOR_CATEGORIES,
)
ORIGIN = Field(
    "origin",
    pa.string(),
    "Where the device is at home: a commune that is a zone, else a French département, `unknown`, or a foreign "
    "country; or several joined with `|`.",
    "INSEE commune or département code, ISO 3166-1 alpha-2 code",
    values=(*countries.DEPARTEMENTS, vocabulary.UNKNOWN, *countries.COUNTRIES),
    names_zones=True,
)
ARRIVAL_HOUR = Field(
    "arrival_hour",
    pa.string(),
    "Hour in which the first stay in the part began, or several joined with `|`.",
    "local time",
    values=vocabulary.ARRIVAL_HOURS,
)
ORIGIN_ZONE_ID = Field(
    "origin_zone_id",
    pa.string(),
    "Zone in which the movement begins, or a pool of zones joined with `|`: that of the row.",
    names_zones=True,
)
DESTINATION_ZONE_ID = Field(
    "destination_zone_id",
    pa.string(),
    "Zone in which the movement ends, a pool of zones joined with `|`, or `all` where the origins are pooled.",
    values=(vocabulary.ALL,),
    names_zones=True,
)
DISTANCE_CLASS = Field(
    "distance_class",
    pa.string(),
    "Distance between the centroids of origin and destination, several classes joined with `|`, or `all` where the "
    "origins are pooled.",
    "lower bound included",
    values=(*vocabulary.DISTANCE_CLASSES, vocabulary.ALL),
)

ATTRIBUTES = {
    field.name: field
    for field in (
        RELEASED_AGE_BAND,
        RELEASED_SPC,
        VISITOR_CATEGORY,
        ORIGIN,
        DWELL_BAND,
        ARRIVAL_HOUR,
        ORIGIN_ZONE_ID,
        DESTINATION_ZONE_ID,
        DISTANCE_CLASS,
    )
}
