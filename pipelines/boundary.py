"""The boundary behind which nobody is named: identifiers become pseudonyms of one privacy day."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from anonymization.prf import hash_strings
from pipelines import arrays
from pipelines.conform import Conformed, first_faults
from pipelines.day_register import LEFT_OUT, NOBODY, OPTED_OUT, DayRegister
from pipelines.network import NOT_ON_AIR, UNKNOWN_CELL
from schemas import fields
from schemas.tables import PROBE

CELL_UNKNOWN = "unknown cell"
CELL_NOT_ON_AIR = "cell not valid at that time"
SUBSCRIBER_OPTED_OUT = "opted out"
LINE_TYPE_LEFT_OUT = "line type left out"

_STATED = (fields.EVENT_TIME.name, fields.EVENT_TYPE_CODE.name, fields.HOME_MCC_CODE.name)

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Crossed:
    """The accepted events of one privacy day as PROBE rows, and the input rows rejected here by reason."""

    probes: pa.Table
    rejected: Mapping[str, I64] = field(default_factory=dict)


def cross(conformed: Conformed, cells: I32, pseudonym_key: bytes, register: DayRegister | None) -> Crossed:
    """Pseudonymise the events of one privacy day, in their order; `cells` is what `Network.lookup` gave for them.

    Events of subscribers who are not in the register are kept, with unknown attributes.
    """
    known = NOBODY if register is None else register
    pseudonyms = hash_strings(pseudonym_key, conformed.events.column(fields.SUBSCRIBER_ID.name))
    at = known.find(pseudonyms)
    excluded = known.excluded[at]
    faults = {
        CELL_UNKNOWN: cells == UNKNOWN_CELL,
        CELL_NOT_ON_AIR: cells == NOT_ON_AIR,
        SUBSCRIBER_OPTED_OUT: excluded == OPTED_OUT,
        LINE_TYPE_LEFT_OUT: excluded == LEFT_OUT,
    }
    rejected, good = first_faults(faults, conformed.row)
    columns = {name: arrays.column(conformed.events, name) for name in _STATED} | {
        fields.DEVICE.name: np.where(at < len(known), known.device[at], pseudonyms),
        fields.CELL.name: cells,
        fields.LINE.name: known.line[at],
        fields.AGE_BAND_CODE.name: known.age_band[at],
        fields.SPC_CODE.name: known.spc[at],
        fields.HOME_ZONE_CODE.name: known.home_zone[at],
    }
    probes = arrays.rows(PROBE, columns)
    return Crossed(probes if good.all() else probes.filter(pa.array(good)), rejected)
