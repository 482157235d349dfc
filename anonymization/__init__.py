"""What makes a table publishable, and proves it. An auditor reads this folder alone, in this order.

1. `policy.py`: every privacy number, with its meaning and source.
2. `tree.py`, `partition.py`: the one rule, by which everything is cut into parts of at least k devices.
3. `territory.py` (space), `classes.py`, `origins.py` (attributes), `zone_days.py` (zones of a day), `flows.py`,
   `transit.py`: what the rule is applied to.
4. `inclusions.py`: which published sets of devices hold which, and by what rule their difference is safe: `images.py`,
   `nested*.py`, `homes.py`, `figures.py`, `comparisons.py`, `collapse.py`; and `bounds.py`, `systems.py`, `widths.py`
   where only inequalities bind.
5. `rounding.py`, `people.py`, `day_rows.py`, `protect.py`, `protect_days.py`: what is printed.
6. `prf.py`, `key_service.py`, `key_services.py`, `keys.py`, `key_origin.py`, `key_files.py`, `key_folder.py`,
   `memory.py`, `key_log.py`, `key_log_file.py`, `command_keys.py`, `key_program.py`, `key_uses.py`: pseudonyms and
   draws, and the keys that do not outlive their privacy day.
7. `zcdp.py`, `guarantee.py`, `lattice.py`, `noisy.py`, `dp.py`, `ledger.py`: the other mode, differential privacy.
8. `signing.py`, `entries.py`, `records.py`, `manifest.py`, `totals.py`, `statement.py`, `publications.py`,
   `day_lines.py`: what is stated, signed and final.
9. `audit.py`, `checks/`, `questions.py`, `report.py`, `dpia.py`: the verification of a release from its own files, and
   what is told of it. `python -m anonymization RELEASE` runs it without the rest of the software.
"""
