"""The template file: the columns, rows to copy from, and what each column takes."""

import io
from typing import Any

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from cameras.importing.cells import Choice, Coordinate, Related, Secret, Whole, YesNo
from cameras.importing.resource import RegistryResource

__all__ = ["template_file"]

# Their codes tell the import that they are no rows of the registry.
_EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "area": [
        {"code": "CONTOH-31.74", "name": "Jakarta Selatan"},
        {"code": "CONTOH-31.74.01", "name": "Tebet", "parent": "CONTOH-31.74"},
    ],
    "agency": [{"code": "CONTOH-SATPOL-PP", "name": "Satpol PP"}],
    "site": [
        {
            "code": "CONTOH-PA-MGR",
            "name": "Pintu Air Manggarai",
            "area": "Tebet",
            "address": "Jl. Slamet Riyadi",
            "latitude": -6.208,
            "longitude": 106.848,
        },
        {"code": "CONTOH-SP-HI", "name": "Bundaran HI", "area": "Menteng"},
    ],
    "uplink": [
        {"code": "CONTOH-ISP-1", "name": "Tautan penyedia 1"},
        {
            "code": "CONTOH-NVR-MGR",
            "name": "NVR Manggarai",
            "parent": "CONTOH-ISP-1",
            "address": "10.1.2.1:8000",
        },
    ],
    "camera": [
        {
            "code": "CONTOH-PA-MGR-01",
            "name": "Manggarai hulu",
            "site": "PA-MGR",
            "stream_url": "rtsp://10.1.2.3:554/stream1",
            "substream_url": "rtsp://10.1.2.3:554/stream2",
            "username": "operator",
            "vendor": "Hikvision",
        },
        {
            "code": "CONTOH-SP-HI-01",
            "name": "Bundaran HI sisi utara",
            "site": "Bundaran HI",
            "snapshot_url": "http://10.1.2.4/snapshot.jpg",
            "interval_seconds": 120,
        },
    ],
}


def template_file(resource: RegistryResource) -> bytes:
    """An XLSX in the language of the moment: a sheet to fill in, a sheet that explains it."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    model = resource._meta.model
    sheet.title = str(model._meta.verbose_name_plural)[:31]
    fields = resource.get_import_fields()
    sheet.append([resource.label(field.attribute) for field in fields])
    for example in _EXAMPLES[model._meta.model_name]:
        sheet.append([_cell(field, example.get(field.attribute)) for field in fields])
    for place, field in enumerate(fields, 1):
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = max(14, len(resource.label(field.attribute)) + 3)
        if not isinstance(field.widget, Coordinate | Whole):
            for row in range(2, 1001):  # as text, or a spreadsheet makes dates of codes
                sheet[f"{letter}{row}"].number_format = "@"
    _dress(sheet)
    sheet.freeze_panes = "B2"
    _explain(book.create_sheet(_("Instructions")), resource)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _cell(field: Any, value: Any) -> Any:
    if value is not None:
        return value
    if isinstance(field.widget, Choice):
        return field.widget.labels()[0]
    return _("yes") if isinstance(field.widget, YesNo) else None


def _explain(sheet: Any, resource: RegistryResource) -> None:
    sheet.append([_("Column"), _("Needed"), _("What it takes"), _("Explanation")])
    for field in resource.get_import_fields():
        column = resource._meta.model._meta.get_field(field.attribute)
        needed = not column.blank and not column.has_default()
        sheet.append(
            [
                resource.label(field.attribute),
                _("yes") if needed else _("no"),
                _takes(field.widget),
                str(column.help_text),
            ]
        )
    sheet.append([])
    for sentence in (
        _("The rows whose code begins with CONTOH- are examples: delete them."),
        _("An empty cell, or a column that is left out, changes nothing. A hyphen (-) empties."),
        _("A code that exists is changed, another one is added. Nothing is ever deleted."),
        _("Passwords are never exported and never shown."),
    ):
        sheet.append([sentence])
    for letter, width in zip("ABCD", (28, 10, 50, 80), strict=True):
        sheet.column_dimensions[letter].width = width
    _dress(sheet)


def _takes(widget: Any) -> str:
    if isinstance(widget, Choice):
        return ", ".join(widget.labels())
    if isinstance(widget, YesNo):
        return f"{_('yes')}, {_('no')}"
    if isinstance(widget, Related):
        what = {"what": widget.model._meta.verbose_name}
        return _("the code or the name: %(what)s") % what
    if isinstance(widget, Coordinate):
        return _("degrees, as in -6.208 or -6,208")
    if isinstance(widget, Whole):
        return _("a whole number")
    return _("a text that is never shown again") if isinstance(widget, Secret) else _("a text")


def _dress(sheet: Any) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1D4ED8")
        cell.alignment = Alignment(vertical="center")
