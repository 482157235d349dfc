"""A table as CSV: UTF-8 with a byte order mark, which spreadsheets ask for; each row names its release and address."""

from dashboards.exports.taken import Origin, Sheet


def write(sheet: Sheet, origin: Origin) -> bytes:
    """The file; H3 cells are hexadecimal and joined by spaces, instants ISO 8601."""
    frame = sheet.frame.copy()
    if "cells" in frame:
        frame["cells"] = [" ".join(f"{cell:x}" for cell in cells) for cells in frame["cells"]]
    for name in frame.select_dtypes(exclude=["number", "bool", "datetime", "datetimetz"]):
        frame[name] = frame[name].map(harmless)
    stated = frame.assign(release_id=origin.release_id, manifest=origin.head, address=origin.address)
    text: str = stated.rename(columns=harmless).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def harmless(value: object) -> object:
    """A text that no spreadsheet takes for a formula: names of zones come from other people's files."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value[:1] else value
