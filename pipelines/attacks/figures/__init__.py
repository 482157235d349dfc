"""Attacks that look at the figures themselves: who is behind them, and what their differences tell."""
