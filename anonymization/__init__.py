"""What makes a table publishable, and proves it. An auditor reads this folder alone, in this order.

1. `policy.py`: every privacy number, with its meaning and source.
2. `tree.py`, `partition.py`: the one rule, by which everything is cut into parts of at least k devices.
3. `territory.py` (space), `classes.py` (attributes), `zone_days.py` (zones of a day): what the rule is applied to.
4. `rounding.py`, `people.py`, `protect.py`: what is printed.
5. `prf.py`, `keys.py`, `key_files.py`: pseudonyms and draws, and the keys that do not outlive their privacy day.
6. `signing.py`, `entries.py`, `manifest.py`, `statement.py`, `publications.py`: what is stated, signed and final.
7. `audit.py`, `checks/`, `report.py`: the verification of a release from its own files.
"""
