"""Monitoring in the admin. The camera's pages of the floor below are extended here."""

from monitoring.admin import accounts, cameras, incidents, records

__all__ = ["accounts", "cameras", "incidents", "records"]
