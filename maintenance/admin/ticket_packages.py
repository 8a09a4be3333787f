"""Tickets of the list → a package: which one is asked on a page in between."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from cameras.reach import own, reach_of
from maintenance import procurement
from maintenance.models import Package
from maintenance.procurement import ProcurementError

__all__ = ["put_into_package"]


class PackageChoiceForm(forms.Form):
    package = forms.ModelChoiceField(
        queryset=Package.objects.none(),
        label=gettext_lazy("package"),
        widget=UnfoldAdminSelectWidget(),
        empty_label=None,
    )

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(*args)
        self.fields["package"].queryset = _choices(request)  # type: ignore[attr-defined]


def _choices(request: HttpRequest) -> QuerySet[Package]:
    return own(Package.objects.open_for_tickets(), reach_of(request.user))


def put_into_package(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
    """The admin action: ask for the package, then let all chosen tickets wait for it, or none."""
    form = PackageChoiceForm(request, request.POST if "package" in request.POST else None)
    if not form.is_valid():
        return _ask(model_admin, request, queryset, form)
    package: Package = form.cleaned_data["package"]
    tickets = list(own(queryset.order_by("pk"), reach_of(request.user)))
    try:
        added = procurement.put_in(package, tickets, request.user)  # type: ignore[arg-type]
    except ProcurementError as error:
        messages.error(request, str(error))
        return None
    text = ngettext(
        "%(count)s ticket waits for package %(package)s now.",
        "%(count)s tickets wait for package %(package)s now.",
        added,
    )
    messages.success(request, text % {"count": added, "package": package.code})
    return redirect(package.get_absolute_url())


def _ask(
    model_admin: Any, request: HttpRequest, queryset: QuerySet[Any], form: PackageChoiceForm
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Put into a package"),
        "form": form,
        "tickets": queryset,
        "has_choice": _choices(request).exists(),
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "opts": model_admin.model._meta,
    }
    return render(request, "admin/maintenance/put_into_package.html", context)
