"""Damaged and hostile input: no hang, no crash, always a verdict with a reason."""
