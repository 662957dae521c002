"""Faults and bad input: what was tried, how often, and what happened. See `docs/reliability.md`."""
