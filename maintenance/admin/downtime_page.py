"""The downtime of cameras by cause: for any period, area and agency."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from cameras.models import Agency, Area, Camera
from cameras.reach import Reached, narrow, reach_of
from maintenance.admin.package_forms import DayField
from maintenance.attribution import downtime

__all__ = ["downtime_page"]

_MOST_DAYS = 3 * 366


def _choice(queryset: Any, label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        queryset,
        label=label,
        required=False,
        empty_label=gettext_lazy("all"),
        widget=UnfoldAdminSelectWidget(),
    )


class PeriodForm(forms.Form):
    """Both days belong to the period."""

    first = DayField(label=gettext_lazy("from"))
    last = DayField(label=gettext_lazy("until"))
    area = _choice(Area.objects.none(), gettext_lazy("area"))
    agency = _choice(Agency.objects.none(), gettext_lazy("agency"))

    def __init__(self, reach: Reached, *args: Any) -> None:
        super().__init__(*args)
        for name, model in (("area", Area), ("agency", Agency)):
            self.fields[name].queryset = narrow(model.objects.all(), reach)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not timedelta() <= last - first <= timedelta(days=_MOST_DAYS):
            raise ValidationError(
                _("The period ends on or after the day it begins, and takes three years at most.")
            )
        return given


@permission_required("maintenance.view_ticket", raise_exception=True)
def downtime_page(request: HttpRequest) -> HttpResponse:
    """A table by cause; this month unless another period is asked for."""
    today = timezone.localdate()
    asked = (
        request.GET if "first" in request.GET else {"first": today.replace(day=1), "last": today}
    )
    reach = reach_of(request.user)
    form = PeriodForm(reach, asked)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Downtime by cause"),
        "form": form,
    }
    if form.is_valid():
        given = form.cleaned_data
        end = min(_midnight(given["last"] + timedelta(days=1)), timezone.now())
        begin = min(_midnight(given["first"]), end)
        mine = None if reach.everything else narrow(Camera.objects.all(), reach)
        found = downtime(begin, end, area=given["area"], agency=given["agency"], among=mine)
        context["rows"] = [
            {
                "cause": cause,
                "days": found.camera_days(cause),
                "share": 100 * (time_down / found.total),
                "percent": f"{100 * (time_down / found.total):.2f}",
            }
            for cause, time_down in found.by_cause.items()
        ]
        context["total"] = found.total / timedelta(days=1)
    return render(request, "admin/maintenance/downtime.html", context)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
