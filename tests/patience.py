"""How long a test waits for what must come."""

PATIENCE = 150.0
"""Seconds. What passes never waits so long; what starts a process beside four others on a busy machine may
take a quarter of it."""
