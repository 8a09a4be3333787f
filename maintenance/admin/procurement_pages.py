"""Pages beside the lists: packages by stage, “what if”, a stage's documents, the OCDS releases."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from cameras.reach import narrow, reach_of, seen_or_404
from maintenance import ocds, what_if
from maintenance.admin.package_forms import DayField
from maintenance.fields import RupiahFormField
from maintenance.holidays import calendar
from maintenance.models import Kind, Method, Package, PackageState, Phase, StageDocument
from maintenance.package_progress import Progress, progress_of_all
from maintenance.procurement_rules import ProcurementError
from maintenance.year_end import year_ends

__all__ = ["board", "document", "releases", "what_if_page"]


def board(request: HttpRequest) -> HttpResponse:
    """Packages by the phase of their present stage; to look at only."""
    _expect_view(request)
    live = narrow(Package.objects.live(), reach_of(request.user))
    packages = live.select_related("line__year", "rule_set")
    found = progress_of_all(packages.order_by("rule_date", "pk"))
    columns: dict[str, dict[str, Any]] = {
        "": {"title": _("not started"), "cards": []},
        **{phase.value: {"title": phase.label, "cards": []} for phase in Phase},
    }
    for progress in found.values():
        columns[_column(progress)]["cards"].append(progress)
    lines = {progress.package.line_id for progress in found.values()}
    context = {
        **admin.site.each_context(request),
        "title": _("Packages by stage"),
        "year_ends": list(year_ends(lines, found.values()).values()),
        "columns": list(columns.values()),
    }
    return render(request, "admin/maintenance/package_board.html", context)


class WhatIfForm(forms.Form):
    """What is asked of “what if”."""

    method = forms.ChoiceField(
        label=gettext_lazy("method"), choices=Method.choices, widget=UnfoldAdminSelectWidget()
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("kind"), choices=Kind.choices, widget=UnfoldAdminSelectWidget()
    )
    value_rupiah = RupiahFormField(label=gettext_lazy("value"), min_value=1)
    start = DayField(label=gettext_lazy("begins on"))
    work_days = forms.IntegerField(
        label=gettext_lazy("work takes"),
        min_value=1,
        max_value=3650,
        help_text=gettext_lazy("Calendar days."),
        widget=UnfoldAdminIntegerFieldWidget(),
    )


def what_if_page(request: HttpRequest) -> HttpResponse:
    """A method and a start → the contract's day, and whether the year suffices."""
    _expect_view(request)
    form = WhatIfForm(
        request.GET if "method" in request.GET else None,
        initial={
            "method": Method.TENDER,
            "kind": Kind.SERVICES,
            "value_rupiah": 750_000_000,
            "start": timezone.localdate(),
            "work_days": 30,
        },
    )
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("What if"),
        "form": form,
    }
    if form.is_valid():
        given = form.cleaned_data
        try:
            context |= _answers(given)
        except ProcurementError as error:
            form.add_error("start", str(error))
    return render(request, "admin/maintenance/what_if.html", context)


def _answers(given: dict[str, Any]) -> dict[str, Any]:
    days = calendar()
    asked = (given["kind"], given["value_rupiah"], given["start"], days)
    # In the page, a listed case may be assumed: it says that one is needed.
    answer = what_if.prospect(
        given["method"], *asked, work_days=given["work_days"], justification="–"
    )
    others = what_if.alternatives(*asked, work_days=given["work_days"])
    return {
        "answer": answer,
        "alternatives": [each for each in others if each.method != answer.method],
        "small_needs": what_if.small_needs(*asked, work_days=given["work_days"]),
    }


def document(request: HttpRequest, document_id: int) -> FileResponse:
    """A file attached to a stage, as a download; for those who may see packages."""
    _expect_view(request)
    found = seen_or_404(request, StageDocument, pk=document_id)
    answer = FileResponse(
        found.file.open("rb"),
        as_attachment=True,
        filename=found.name,
        content_type=found.content_type,
    )
    # Whatever is in it, the browser shall not take it for a page.
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer


def releases(request: HttpRequest) -> JsonResponse:
    """All packages as an OCDS 1.1 release package; `?q=` and filters of the list do not apply."""
    _expect_view(request)
    packages = narrow(Package.objects.order_by("pk"), reach_of(request.user))
    address = request.build_absolute_uri(request.path)
    answer = JsonResponse(
        ocds.release_package(packages, uri=address), json_dumps_params={"ensure_ascii": False}
    )
    answer["Content-Disposition"] = 'attachment; filename="ocds.json"'
    return answer


def _expect_view(request: HttpRequest) -> None:
    if not request.user.has_perm("maintenance.view_package"):
        raise PermissionDenied


def _column(progress: Progress) -> str:
    if progress.stage_now is not None:
        return progress.stage_now.phase
    return "" if progress.package.state == PackageState.PLANNED else Phase.IMPLEMENTATION
