"""Monitoring in the admin. The camera's pages of the floor below are extended here."""

from monitoring.admin import (
    accounts,
    audit,
    cameras,
    eye,
    failed_sign_ins,
    incidents,
    planned,
    records,
    uplinks,
)

__all__ = [
    "accounts",
    "audit",
    "cameras",
    "eye",
    "failed_sign_ins",
    "incidents",
    "planned",
    "records",
    "uplinks",
]
