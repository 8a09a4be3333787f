"""Reports as they are read: kept ones, and a look at the next one before it is sent.

A report is shown in a frame of its own that may run nothing and ask nobody.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from cameras.models import Agency, Area
from cameras.reach import Reached, own, reach_of, seen_or_404
from maintenance.models import Report, ReportFile, ReportSubscription
from maintenance.reach_rules import owns_scope
from maintenance.report import keeping
from maintenance.report.pages import with_pictures_at, with_pictures_inside
from maintenance.report.scopes import Scope
from maintenance.report.weeks import Week
from maintenance.report.words import week_in_words

__all__ = ["file", "kept_page", "kept_text", "preview", "preview_of", "preview_page"]

_WEEKS = 8
_CLOSED = (
    "sandbox allow-popups; default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'"
)


def preview_of(request: HttpRequest, subscription: ReportSubscription) -> HttpResponse:
    """What this subscription will get next."""
    chosen = {
        "week": str(Week.of(timezone.localdate())),
        "agency": subscription.agency_id or "",
        "area": subscription.area_id or "",
    }
    return redirect(f"{reverse('admin:report_preview')}?{urlencode(chosen)}")


class PreviewForm(forms.Form):
    """Which week, and whose cameras."""

    week = forms.ChoiceField(label=gettext_lazy("week"), widget=UnfoldAdminSelectWidget())
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label=gettext_lazy("agency"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )
    area = forms.ModelChoiceField(
        Area.objects.none(),
        label=gettext_lazy("area"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, reach: Reached, *args: Any) -> None:
        super().__init__(*args)
        self.reach = reach
        for name, model in (("agency", Agency), ("area", Area)):
            self.fields[name].queryset = own(model.objects.all(), reach)  # type: ignore[attr-defined]
        week, choices = Week.of(timezone.localdate()), []
        for _number in range(_WEEKS):
            choices.append((str(week), week_in_words(week)))
            week = week.previous
        self.fields["week"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("agency") and given.get("area"):
            raise forms.ValidationError(_("Choose an agency or an area, not both."))
        if not self.errors and not owns_scope(self.reach, Scope(given["agency"], given["area"])):
            raise forms.ValidationError(_("Choose an agency or an area that you reach as a whole."))
        return given

    def scope(self) -> Scope:
        return Scope(self.cleaned_data["agency"], self.cleaned_data["area"])


def preview(request: HttpRequest) -> HttpResponse:
    """The report of any of the last weeks as it would be made now; nothing is kept or sent."""
    _expect_view(request)
    form = PreviewForm(reach_of(request.user), request.GET if "week" in request.GET else None)
    context = {
        **admin.site.each_context(request),
        "title": _("Look at a report"),
        "form": form,
        "page": "",
    }
    if form.is_valid():
        context["page"] = f"{reverse('admin:report_preview_page')}?{request.GET.urlencode()}"
    return render(request, "admin/maintenance/report_preview.html", context)


def preview_page(request: HttpRequest) -> HttpResponse:
    """The previewed report itself, for the frame."""
    _expect_view(request)
    form = PreviewForm(reach_of(request.user), request.GET)
    if not form.is_valid():
        raise Http404
    letter = keeping.preview(Week.parse(form.cleaned_data["week"]), form.scope())
    return _framed(with_pictures_inside(letter))


def kept_page(request: HttpRequest, report_id: int) -> HttpResponse:
    """A kept report as it was sent, for the frame."""
    _expect_view(request)
    report = seen_or_404(request, Report, pk=report_id)
    pictures = report.files.exclude(content_id="").values_list("content_id", "pk")
    addresses = {name: reverse("admin:report_file", args=[pk]) for name, pk in pictures}
    return _framed(with_pictures_at(report.html, lambda name: addresses.get(name, "")))


def kept_text(request: HttpRequest, report_id: int) -> HttpResponse:
    """The same as plain text."""
    _expect_view(request)
    report = seen_or_404(request, Report, pk=report_id)
    return HttpResponse(report.text, content_type="text/plain; charset=utf-8")


def file(request: HttpRequest, file_id: int) -> HttpResponse:
    """A picture or a document of a kept report."""
    _expect_view(request)
    found = seen_or_404(request, ReportFile, pk=file_id)
    answer = HttpResponse(bytes(found.content), content_type=found.content_type)
    if not found.content_id:
        answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, max-age=3600"
    return answer


def _framed(html: str) -> HttpResponse:
    answer = HttpResponse(html)
    answer["Content-Security-Policy"] = _CLOSED
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _expect_view(request: HttpRequest) -> None:
    if not request.user.has_perm("maintenance.view_report"):
        raise PermissionDenied
