"""Attacks on a release of simulated devices: each is carried out, measured against a level, and shown to work.

An attack is a module of its own (`Attack` in `finding.py`); `battery.py` lists them all and runs them. What an attack
may use of the truth is in `target.py`; the releases that are weak on purpose are in `weakened.py`.
"""
