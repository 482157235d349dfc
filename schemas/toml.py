"""Values as they are written in TOML."""

import json
from datetime import date, datetime, time, timedelta


def literal(value: object) -> str:
    """The value as a reader would write it; durations and times of day are texts."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, timedelta):
        return f'"{duration(value)}"'
    if isinstance(value, time):
        return f'"{value.isoformat("auto" if value.second or value.microsecond else "minutes")}"'
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key} = {literal(item)}' for key, item in value.items())}}}"
    return json.dumps(str(value), ensure_ascii=False)


def duration(value: timedelta) -> str:
    """Whole hours, minutes or seconds: `1h`, `15min`, `90s`."""
    seconds = int(value.total_seconds())
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
