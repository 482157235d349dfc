"""A small town to build feeds of."""

from pathlib import Path

TOWN = """[feeds.town]
id = "dijon"
name = "Dijon"
exceptions = "exceptions.csv"
school_holidays = "holidays.csv"
[feeds.places]
source = "places.csv"
updated = 2026-05-01
valid_until = 2026-12-31
"""
PLACES = """COLL_NOM,COLL_SIRET,EQUIP_UID,EQUIP_THEME,EQUIP_CODE,EQUIP_TYPE,EQUIP_NOM,ADR_NUMERO,ADR_NOMVOIE,\
ADR_CODEPOSTAL,ADR_COMMUNE,EQUIP_LAT,EQUIP_LONG,EQUIP_OUVERTURE
Dijon,21210231300013,21231-01010401-001,Equipement administratif,01010401-001,Mairie,Mairie,1,Place de la Libération,\
21000,Dijon,47.3217,5.0415,Mo-Fr 09:00-18:00; PH off
Dijon,21210231300013,21231-05010401-001,Equipement culturel,05010401-001,Bibliothèque,La Nef,1,Place du Théâtre,\
21000,Dijon,47.3211,5.0435,Tu-Sa 10:00-18:30
Dijon,21210231300013,21231-04010401-001,Equipement sportif et de loisirs,04010401-001,Gymnase,Gymnase,2,Rue du Lac,\
21000,Dijon,47.33,5.01,
"""
EXCEPTIONS = """place_id,when,first,last,hours,reason_fr,reason_en
21231-05010401-001,dates,2026-08-01,2026-08-15,off,Congés,Holidays
21231-01010401-001,school_holidays,,,Mo-Fr 09:00-12:00,,
"""
HOLIDAYS = """name,first,last
Été,2026-07-04,2026-08-31
"""


def write(folder: Path, **changed: str) -> Path:
    """The configuration of the town, with some of its files changed."""
    files = {"town.toml": TOWN, "places.csv": PLACES, "exceptions.csv": EXCEPTIONS, "holidays.csv": HOLIDAYS}
    for name, text in files.items():
        (folder / name).write_text(changed.get(name.partition(".")[0], text), encoding="utf-8")
    return folder / "town.toml"
