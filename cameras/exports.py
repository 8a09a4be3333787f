"""Exports of the admin: as XLSX or CSV, for those who may see the list, and for nobody else."""

from typing import Any

from django.http import HttpRequest
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX
from unfold.contrib.import_export.forms import ExportForm

__all__ = ["ExportOfSeen"]


class ExportOfSeen(ExportMixin):
    """In place of the library's own mixin, which asks for no right at all."""

    export_form_class = ExportForm

    def get_export_formats(self) -> list[Any]:
        return [XLSX, CSV]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(self.has_view_permission(request))
