"""Maintenance in the admin. The camera's pages get their tickets here."""

from maintenance.admin import (
    budget,
    cameras,
    comments,
    holidays,
    ledger,
    packages,
    procurement_rules,
    repairs,
    reports,
    stages,
    tickets,
    vendors,
    work_orders,
)

__all__ = [
    "budget",
    "cameras",
    "comments",
    "holidays",
    "ledger",
    "packages",
    "procurement_rules",
    "repairs",
    "reports",
    "stages",
    "tickets",
    "vendors",
    "work_orders",
]
