"""Maintenance in the admin. The camera's pages get their tickets here."""

from maintenance.admin import cameras, tickets

__all__ = ["cameras", "tickets"]
