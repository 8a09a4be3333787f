"""Maintenance in the admin. The camera's pages get their tickets here."""

from maintenance.admin import cameras, packages, procurement_rules, stages, tickets

__all__ = ["cameras", "packages", "procurement_rules", "stages", "tickets"]
