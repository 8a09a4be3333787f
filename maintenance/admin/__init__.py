"""Maintenance in the admin. The camera's pages get their tickets here."""

from maintenance.admin import (
    budget,
    cameras,
    holidays,
    ledger,
    packages,
    procurement_rules,
    reports,
    stages,
    tickets,
)

__all__ = [
    "budget",
    "cameras",
    "holidays",
    "ledger",
    "packages",
    "procurement_rules",
    "reports",
    "stages",
    "tickets",
]
