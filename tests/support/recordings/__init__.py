"""Recordings of real devices: what each is, its objects as an agent serves them, and the verdicts about it."""
